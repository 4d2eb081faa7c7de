// Formats log lines. No output, no clock.
#include "daemon/log/line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace daybook::log {
namespace {

// The length of the UTF-8 character that `text` begins with, or 0 if it begins with none (RFC
// 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;  // past U+10FFFF
    return 4;
  }
  return 0;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0)
      out += "\xEF\xBF\xBD";  // U+FFFD stands for a byte that is not UTF-8
    else if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

// Text that reads back as one word needs no quotes.
bool is_word(std::string_view text) {
  if (text.empty()) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F ||
           c == '"' || c == '=' || c == '\\';
  });
}

void append_value(std::string& out, Format format, const Field::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (format == Format::text && is_word(*text))
      out += *text;
    else
      append_quoted(out, *text);
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (std::isfinite(*number))
      fmt::format_to(std::back_inserter(out), "{}", *number);
    else
      out += "null";  // JSON has no other word for it
  } else if (const auto* fact = std::get_if<bool>(&value)) {
    out += *fact ? "true" : "false";
  } else if (const auto* negative = std::get_if<std::int64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *negative);
  } else if (const auto* count = std::get_if<std::uint64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *count);
  }
}

}  // namespace

std::string format_line(Format format, Level level, Timestamp time, std::string_view event,
                        std::span<const Field> fields) {
  const std::string_view level_name = kLevelNames.at(static_cast<std::size_t>(level));
  std::string line;
  line.reserve(128);
  if (format == Format::json) {
    line += R"({"time":")";
    append_rfc3339(line, time);
    fmt::format_to(std::back_inserter(line), R"(","level":"{}","event":)", level_name);
    append_quoted(line, event);
  } else {
    append_rfc3339(line, time);
    fmt::format_to(std::back_inserter(line), " {:<7} ", level_name);
    line += event;
  }
  for (const Field& field : fields) {
    if (format == Format::json) {
      line += ',';
      append_quoted(line, field.name);
      line += ':';
    } else {
      line += ' ';
      line += field.name;
      line += '=';
    }
    append_value(line, format, field.value);
  }
  if (format == Format::json) line += '}';
  return line;
}

}  // namespace daybook::log
