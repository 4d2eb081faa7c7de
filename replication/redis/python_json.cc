#include "replication/redis/python_json.h"

#include <charconv>
#include <cstdint>

#include "protocol/json/utf8.h"

namespace daybook::redis {
namespace {

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (unit) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (unit >= ' ' && unit <= '~') {
    out += static_cast<char>(unit);
    return;
  }
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[unit >> shift & 0xFU];
}

void append_point(std::string& out, std::uint32_t point) {
  if (point <= 0xFFFF) return append_unit(out, point);
  append_unit(out, 0xD800 + ((point - 0x10000) >> 10U));
  append_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FFU));
}

// Takes a code point from the beginning of `rest`, which is not empty.
std::uint32_t take_point(std::string_view& rest) {
  const std::size_t length = json::utf8_length(rest);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  std::uint32_t point = length == 0   ? 0xFFFDU
                        : length == 1 ? byte(0)
                                      : byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) point = point << 6U | (byte(i) & 0x3FU);
  rest.remove_prefix(length == 0 ? 1 : length);
  return point;
}

// Takes an escape sequence of valid JSON: one UTF-16 unit.
std::uint32_t take_escape(std::string_view& rest) {
  const char letter = rest[1];
  std::uint32_t unit = static_cast<unsigned char>(letter);
  switch (letter) {
    case 'b': unit = '\b'; break;
    case 'f': unit = '\f'; break;
    case 'n': unit = '\n'; break;
    case 'r': unit = '\r'; break;
    case 't': unit = '\t'; break;
    case 'u': std::from_chars(rest.data() + 2, rest.data() + 6, unit, 16); break;
    default: break;
  }
  rest.remove_prefix(letter == 'u' ? 6 : 2);
  return unit;
}

}  // namespace

void append_python_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) append_point(out, take_point(text));
  out += '"';
}

void append_python_json(std::string& out, std::string_view json) {
  bool in_string = false;
  while (!json.empty()) {
    const char c = json[0];
    if (in_string && c == '\\') {
      append_unit(out, take_escape(json));
    } else if (in_string && c != '"') {
      append_point(out, take_point(json));
    } else {
      out += c;
      if (!in_string && (c == ',' || c == ':')) out += ' ';
      in_string = in_string != (c == '"');
      json.remove_prefix(1);
    }
  }
}

}  // namespace daybook::redis
