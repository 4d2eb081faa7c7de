#include "tests/replication/postgres/strange_json.h"

namespace daybook::postgres {
namespace {

constexpr const char* kPieces[] = {"a",
                                   "plain words",
                                   "é",
                                   "漢字",
                                   "😀",
                                   "1e999999",
                                   "{[,:]}",
                                   "\\\\",
                                   "\\\"",
                                   "\\n",
                                   "\\/",
                                   "\\u0041",
                                   "\\u00e9",
                                   "\\uFFFF",
                                   "\x7f",
                                   "\\\\u0000",
                                   "\\u001f",
                                   "\\ud83d\\ude00",
                                   "\\uDBFF\\uDFFF",
                                   "\\\\ud800",
                                   "sixteen bytes..",
                                   "\\u0001"};
constexpr const char* kNoCharacters[] = {
    "\\u0000",         "\\ud800",           "\\uDC00",        "\\ud800\\ud800\\udc00",
    "\\ud800 \\udc00", "\\ud800\\n\\udc00", "\\udc00\\ud800", "\\uDBFF\\u0041"};
// Around every bound of numeric, and of how its exponents are read.
constexpr const char* kExponents[] = {"0",
                                      "1",
                                      "-1",
                                      "+7",
                                      "-007",
                                      "131070",
                                      "131071",
                                      "131072",
                                      "131073",
                                      "131075",
                                      "-16382",
                                      "-16383",
                                      "-16384",
                                      "-16385",
                                      "-131072",
                                      "+131071",
                                      "1073741822",
                                      "1073741823",
                                      "-1073741822",
                                      "-1073741823",
                                      "2147483648",
                                      "99999999999999999999",
                                      "-99999999999999999999"};

}  // namespace

std::string StrangeJson::next() {
  std::string json = one_in(20) ? value(0) : container(0);
  if (!one_in(50)) return json;
  for (std::size_t levels = 100 + below(400); levels > 0; --levels)
    json = one_in(2) ? "[" + json + "]" : R"({"k":)" + json + "}";
  return json;
}

std::string StrangeJson::value(int depth) {
  switch (below(depth < 4 ? 7 : 4)) {
    case 0: return any_of({"true", "false", "null", "{}", "[]", "\"\""});
    case 1: return string();
    case 2: return number();
    case 3: return std::to_string(random_());
    default: return container(depth);
  }
}

std::string StrangeJson::container(int depth) {
  const bool object = one_in(2);
  std::string json(1, object ? '{' : '[');
  for (std::size_t count = below(5); count > 0; --count) {
    if (object) json += (one_in(3) ? "\"again\"" : string()) + ":";
    json += value(depth + 1) + (count > 1 ? "," : "");
  }
  return json + (object ? '}' : ']');
}

std::string StrangeJson::string() {
  std::string json = "\"";
  for (std::size_t count = below(6); count > 0; --count)
    json += one_in(12) ? any_of(kNoCharacters) : any_of(kPieces);
  if (one_in(1000)) json += std::string(below(200'000), 'x');
  return json + '"';
}

std::string StrangeJson::number() {
  std::string json = one_in(3) ? "-" : "";
  json += one_in(3) ? "0" : digits();
  if (one_in(2)) {
    json += '.';
    json += std::string(below(5), '0');
    json += digits();
  }
  if (one_in(3)) {
    json += one_in(2) ? 'e' : 'E';
    json += exponent();
  }
  return json;
}

std::string StrangeJson::digits() {
  std::size_t count = 1 + below(12);
  if (one_in(200)) count = 16'380 + below(6);
  if (one_in(400)) count = 131'070 + below(6);
  std::string text(1, static_cast<char>('1' + below(9)));
  while (text.size() < count) text += static_cast<char>('0' + below(10));
  return text;
}

std::string StrangeJson::exponent() {
  return one_in(2) ? any_of(kExponents) : std::to_string(below(400));
}

}  // namespace daybook::postgres
