// See escape.h.
#include "protocol/json/escape.h"

#include <array>
#include <charconv>

#include "protocol/json/utf8.h"

namespace daybook::json {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// Printable ASCII but the quote and the backslash.
bool is_plain(char c) {
  return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 0xFU];
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escaped(out, text[0]);
      text.remove_prefix(1);
    } else if (const std::size_t length = utf8_length(text); length != 0) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void append_string_or_null(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += "null";
  } else {
    append_string(out, text);
  }
}

void append_unsigned(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_time(std::string& out, Timestamp time) {
  out += '"';
  append_rfc3339(out, time);
  out += '"';
}

void append_member(std::string& out, std::string_view before, std::string_view text) {
  out += before;
  append_string(out, text);
}

void append_member(std::string& out, std::string_view before, std::uint64_t number) {
  out += before;
  append_unsigned(out, number);
}

void append_member(std::string& out, std::string_view before, Timestamp time) {
  out += before;
  append_time(out, time);
}

void append_seconds(std::string& out, std::string_view before, double seconds) {
  std::array<char, 64> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed, 3);
  out.append(before).append(text.data(), error == std::errc{} ? end : text.data());
  if (error != std::errc{}) out += '0';
}

void append_flag(std::string& out, std::string_view before, bool flag) {
  out += before;
  out += flag ? "true" : "false";
}

}  // namespace daybook::json
