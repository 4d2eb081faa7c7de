// See platform_issue.h.
#include "protocol/json/platform_issue.h"

#include <algorithm>

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

PlatformIssue issue(const Place& place, std::string_view type, std::string_view msg,
                    std::string ctx = {}) {
  return {std::string(type), place.loc, std::string(msg), std::string(place.input), std::move(ctx)};
}

std::string object(std::string_view name, std::string_view value) {
  std::string out = "{\"" + std::string(name) + "\":";
  append_string(out, value);
  return out + '}';
}

// The words of the Platform's JSON parser.
std::string_view parser_words(Broken broken) {
  switch (broken) {
    case Broken::value: return "Expecting value";
    case Broken::name: return "Expecting property name enclosed in double quotes";
    case Broken::colon: return "Expecting ':' delimiter";
    case Broken::comma: return "Expecting ',' delimiter";
    case Broken::control: return "Invalid control character at";
    case Broken::escape: return "Invalid \\escape";
    case Broken::unicode_escape: return "Invalid \\uXXXX escape";
    case Broken::unterminated: return "Unterminated string starting at";
    case Broken::extra: return "Extra data";
    case Broken::nothing:
    case Broken::utf8:
    case Broken::depth: break;
  }
  return describe(broken);
}

// It counts characters, and points at the beginning of an unterminated string.
std::uint64_t parser_position(const Minified& done, std::string_view body) {
  const std::size_t bytes = done.broken == Broken::unterminated ? done.token : done.offset;
  const auto characters = std::ranges::count_if(
      body.substr(0, bytes), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return static_cast<std::uint64_t>(characters) + (done.broken == Broken::unicode_escape ? 1 : 0);
}

}  // namespace

Place Place::at(std::string_view member, std::string_view value) const {
  Place inner{loc, value};
  inner.loc.emplace_back(std::string(member));
  return inner;
}

PlatformIssue missing(const Place& whole, std::string_view member) {
  return issue(whole.at(member, whole.input), "missing", "Field required");
}

PlatformIssue not_an_object(const Place& place) {
  return issue(place, "model_attributes_type",
               "Input should be a valid dictionary or object to extract fields from");
}

PlatformIssue dict_type(const Place& place) {
  return issue(place, "dict_type", "Input should be a valid dictionary");
}

PlatformIssue string_type(const Place& place) {
  return issue(place, "string_type", "Input should be a valid string");
}

PlatformIssue string_unicode(const Place& place) {
  return issue(place, "string_unicode",
               "Input should be a valid string, unable to parse raw data as a unicode string");
}

PlatformIssue string_too_short(const Place& place) {
  return issue(place, "string_too_short", "String should have at least 1 character",
               R"({"min_length":1})");
}

PlatformIssue string_too_long(const Place& place, std::size_t characters_max) {
  const std::string max = std::to_string(characters_max);
  return issue(place, "string_too_long", "String should have at most " + max + " characters",
               "{\"max_length\":" + max + '}');
}

PlatformIssue uuid_type(const Place& place) {
  return issue(place, "uuid_type", "UUID input should be a string, bytes or UUID object");
}

PlatformIssue uuid_parsing(const Place& place, std::string_view wrong) {
  return issue(place, "uuid_parsing", "Input should be a valid UUID, " + std::string(wrong),
               object("error", wrong));
}

PlatformIssue list_type(const Place& place) {
  return issue(place, "list_type", "Input should be a valid list");
}

PlatformIssue list_too_short(const Place& place) {
  return issue(place, "too_short", "List should have at least 1 item after validation, not 0",
               R"({"field_type":"List","min_length":1,"actual_length":0})");
}

PlatformIssue list_too_long(const Place& place, std::size_t max, std::size_t actual) {
  const std::string most = std::to_string(max);
  const std::string size = std::to_string(actual);
  return issue({place.loc, "[]"}, "too_long",
               "List should have at most " + most + " items after validation, not " + size,
               R"({"field_type":"List","max_length":)" + most + ",\"actual_length\":" + size + '}');
}

PlatformIssue value_error(const Place& place, std::string_view sentence) {
  return issue(place, "value_error", "Value error, " + std::string(sentence), R"({"error":{}})");
}

PlatformRefusal json_refusal(const Minified& done, std::string_view body) {
  if (done.broken == Broken::utf8) return {400, {}, "There was an error parsing the body"};
  PlatformIssue broken;
  broken.type = "json_invalid";
  broken.loc = {std::string("body"), parser_position(done, body)};
  broken.msg = "JSON decode error";
  broken.input = "{}";
  broken.ctx = object("error", parser_words(done.broken));
  return {422, {std::move(broken)}, {}};
}

void append_platform_refusal(std::string& out, const PlatformRefusal& refusal) {
  out += R"({"detail":)";
  if (refusal.issues.empty()) append_string(out, refusal.detail);
  char before = '[';
  for (const PlatformIssue& wrong : refusal.issues) {
    out += before;
    out += R"({"type":)";
    append_string(out, wrong.type);
    out += R"(,"loc":)";
    char separator = '[';
    for (const PlatformIssue::Part& part : wrong.loc) {
      out += separator;
      separator = ',';
      if (const auto* member = std::get_if<std::string>(&part)) append_string(out, *member);
      if (const auto* index = std::get_if<std::uint64_t>(&part)) append_unsigned(out, *index);
    }
    out += R"(],"msg":)";
    append_string(out, wrong.msg);
    out += R"(,"input":)";
    out += wrong.input;
    if (!wrong.ctx.empty()) out += ",\"ctx\":" + wrong.ctx;
    out += '}';
    before = ',';
  }
  out += refusal.issues.empty() ? "}" : "]}";
}

}  // namespace daybook::json
