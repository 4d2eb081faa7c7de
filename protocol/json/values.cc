// See values.h.
#include "protocol/json/values.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "protocol/json/name.h"
#include "protocol/json/pointer.h"
#include "protocol/json/utf8.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"

namespace daybook::json {
namespace {

char32_t hex4(const char* at) {
  std::uint32_t value = 0;
  std::from_chars(at, at + 4, value, 16);
  return value;
}

bool is_high(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// The code point behind "\u" at `at`, moved behind it: two escapes where they make a pair.
char32_t take_unicode(const char*& at, const char* end) {
  const char32_t unit = hex4(at);
  at += 4;
  if (!is_high(unit) || end - at < 6 || at[0] != '\\' || at[1] != 'u') return unit;
  const char32_t low = hex4(at + 2);
  if (!is_low(low)) return unit;
  at += 6;
  return 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
}

char plain_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

std::size_t decode_to(std::string_view inside, char* out) {
  char* const begin = out;
  const char* at = inside.data();
  const char* const end = at + inside.size();
  while (at != end) {
    if (*at != '\\') {
      *out++ = *at++;
    } else if (at[1] == 'u') {
      at += 2;
      out += put_utf8(take_unicode(at, end), out);
    } else {
      *out++ = plain_escape(at[1]);
      at += 2;
    }
  }
  return static_cast<std::size_t>(out - begin);
}

std::string shown(std::string_view text) {
  return text.size() <= 64 ? std::string(text) : std::string(text.substr(0, 60)) + "…";
}

}  // namespace

Refusal refuse(Errc code, std::string detail) {
  return std::make_unique<Error>(code, std::move(detail));
}

Refusal under(std::string_view member, Refusal refusal) {
  if (refusal) refusal->pointer.insert(0, "/" + escape_for_pointer(member));
  return refusal;
}

Refusal under(std::size_t index, Refusal refusal) {
  if (refusal) refusal->pointer.insert(0, "/" + std::to_string(index));
  return refusal;
}

std::string_view decode(std::string_view token, Text& text) {
  const std::string_view inside = token.substr(1, token.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside;
  CHECK(text.room() >= inside.size());
  return text.keep(decode_to(inside, text.end()));
}

std::string decode_inside(std::string_view spelt) {
  std::string out(spelt.size(), '\0');
  out.resize(decode_to(spelt, out.data()));
  return out;
}

std::optional<std::size_t> MemberWalk::next() {
  if (ended_) return std::nullopt;
  if (!entered_ && !in_.at.is_object()) {
    ended_ = true;
    refusal_ = refuse(Errc::bad_value, std::string(members_.owner) + " must be a JSON object");
    return std::nullopt;
  }
  for (;;) {
    ended_ = entered_ ? !in_.at.next() : !in_.at.enter();
    entered_ = true;
    if (ended_) return std::nullopt;

    const std::string_view spelt = in_.at.take_name();
    const bool plain = spelt.find('\\') == std::string_view::npos;
    refusal_ = plain ? enter(spelt) : enter(decode_inside(spelt));
    ended_ = refusal_ != nullptr;
    if (ended_) return std::nullopt;
    if (!in_.at.is_null()) break;
    in_.at.take();
  }
  present_ |= 1U << current_;
  return current_;
}

Refusal MemberWalk::enter(std::string_view name) {
  const auto found = std::ranges::find(members_.names, name);
  if (found == members_.names.end())
    return under(shown(name),
                 refuse(Errc::unknown_member,
                        std::string(members_.owner) + " has no member \"" + shown(name) + '"'));
  current_ = static_cast<std::size_t>(found - members_.names.begin());
  const std::uint32_t bit = 1U << current_;
  if ((seen_ & bit) != 0)
    return under(name, refuse(Errc::duplicate_member,
                              '"' + std::string(name) + "\" is given more than once"));
  seen_ |= bit;
  return nullptr;
}

Refusal MemberWalk::finish(std::uint32_t required) {
  if (refusal_) return std::move(refusal_);
  const std::uint32_t missing = required & ~present_;
  if (missing == 0) return nullptr;
  const std::string_view member =
      members_.names[static_cast<std::size_t>(std::countr_zero(missing))];
  return under(member, refuse(Errc::missing_member, std::string(members_.owner) + " needs \"" +
                                                        std::string(member) + '"'));
}

Refusal read_string(Values& in, std::string_view& out) {
  if (!in.at.is_string()) return refuse(Errc::bad_value, "a string is expected here");
  out = decode(in.at.take(), *in.text);
  return nullptr;
}

Refusal read_name(Values& in, std::string_view& out) {
  if (auto refused = read_string(in, out)) return refused;
  if (is_name(out)) return nullptr;
  if (out.size() > limits::name_bytes_max)
    return refuse(Errc::limit_exceeded,
                  "a name has " + std::to_string(out.size()) + " bytes, at most " +
                      std::to_string(limits::name_bytes_max) + " are allowed");
  return refuse(Errc::bad_value, out.empty() ? "a name must not be empty"
                                             : "a name must be UTF-8 without control characters");
}

Refusal read_name(Values& in, std::string& out) {
  std::string_view view;
  if (auto refused = read_name(in, view)) return refused;
  out = view;
  return nullptr;
}

Refusal refuse_list() {
  return refuse(Errc::limit_exceeded, "a list in a filter may have " +
                                          std::to_string(limits::filter_names_max) + " elements");
}

Refusal read_names(Values& in, std::vector<std::string>& out) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "an array of strings is expected here");
  if (!in.at.enter()) return nullptr;
  do {
    if (out.size() == limits::filter_names_max) return refuse_list();
    std::string name;
    if (auto refused = read_name(in, name)) return under(out.size(), std::move(refused));
    out.push_back(std::move(name));
  } while (in.at.next());
  return nullptr;
}

Refusal read_time(Values& in, Timestamp& out) {
  std::string_view text;
  if (auto refused = read_string(in, text)) return refused;
  const auto time = parse_rfc3339(text);
  if (!time)
    return refuse(Errc::bad_value,
                  "a time like \"2026-01-24T10:00:00.123456Z\" (RFC 3339) is expected");
  out = *time;
  return nullptr;
}

Refusal read_unsigned(Values& in, std::uint64_t& out, Range range) {
  const auto expected = [&] {
    return refuse(Errc::bad_value, "an integer from " + std::to_string(range.min) + " to " +
                                       std::to_string(range.max) + " is expected here");
  };
  if (!in.at.is_number()) return expected();
  const std::string_view token = in.at.take();
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), out);
  if (error != std::errc{} || end != token.data() + token.size()) return expected();
  if (out < range.min || out > range.max) return expected();
  return nullptr;
}

Refusal read_offset(Values& in, Offset& out) {
  return read_unsigned(in, out.value);
}

}  // namespace daybook::json
