// See jsonb_rules.h.
#include "replication/postgres/jsonb_rules.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>

#include "protocol/json/scan.h"

namespace daybook::postgres {
namespace {

constexpr std::int64_t kExponentMax = 1'073'741'822;
constexpr std::int64_t kDigitsBefore = 131'072;
constexpr std::int64_t kDigitsBehind = 16'383;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::int64_t signed_size(std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

// The exponent's text: "", "5", "+5", "-05". Beyond what PostgreSQL takes it is cut.
std::int64_t exponent_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return 0;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::int64_t beyond = kExponentMax + 1;
  if (read.ec != std::errc{}) return text[0] == '-' ? -beyond : beyond;
  return std::clamp(value, -beyond, beyond);
}

// As PostgreSQL counts: places behind the point by how the number is spelt, zeros included; places
// before it from the first digit that is not zero.
bool fits_numeric(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  const std::string_view mantissa = number.substr(0, number.find_first_of("eE"));
  const bool has_exponent = mantissa.size() < number.size();
  const std::int64_t exponent =
      exponent_of(has_exponent ? number.substr(mantissa.size() + 1) : std::string_view{});
  if (exponent > kExponentMax || exponent < -kExponentMax) return false;

  const std::string_view whole = mantissa.substr(0, mantissa.find('.'));
  const std::int64_t behind =
      whole.size() < mantissa.size() ? signed_size(mantissa) - signed_size(whole) - 1 : 0;
  if (behind - exponent > kDigitsBehind) return false;

  const auto first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return true;
  const auto place = static_cast<std::int64_t>(first);
  const std::int64_t zeros = place < signed_size(whole) ? place : place - 1;
  return signed_size(whole) - zeros + exponent <= kDigitsBefore;
}

std::uint32_t hex4(const char* at) {
  std::uint32_t value = 0;
  std::from_chars(at, at + 4, value, 16);
  return value;
}

bool is_low(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// Walks the text once. Strings are passed 16 bytes at a time, so that most of an event costs
// little.
class Search {
 public:
  explicit Search(std::string_view json)
      : begin_(json.data()), at_(begin_), end_(begin_ + json.size()) {}

  std::string run() {
    while (at_ != end_ && what_ == nullptr) {
      const char c = *at_;
      if (c == '"')
        pass_string();
      else if (c == '-' || is_digit(c))
        pass_number();
      else
        ++at_;
    }
    if (what_ == nullptr) return {};
    return std::string(what_) + " at byte " + std::to_string(at_ - begin_);
  }

 private:
  void pass_string() {
    ++at_;
    while (what_ == nullptr) {
      skip_plain();
      if (*at_ == '"') {
        ++at_;
        return;
      }
      pass_escape();
    }
  }

  // To the next quote or backslash.
  void skip_plain() {
    for (; end_ - at_ >= 16; at_ += 16)
      if (const unsigned found = json::quotes16(at_); found != 0) {
        at_ += std::countr_zero(found);
        return;
      }
    while (*at_ != '"' && *at_ != '\\') ++at_;
  }

  void pass_escape() {
    if (at_[1] != 'u') {
      at_ += 2;
      return;
    }
    const std::uint32_t unit = hex4(at_ + 2);
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    if (unit == 0) {
      what_ = "\\u0000";
    } else if (unit < 0xD800 || unit >= 0xE000) {
      at_ += 6;
    } else if (high && at_[6] == '\\' && at_[7] == 'u' && is_low(hex4(at_ + 8))) {
      at_ += 12;
    } else {
      what_ = "an escaped surrogate without its other half";
    }
  }

  void pass_number() {
    const char* const first = at_;
    bool has_exponent = false;
    for (; at_ != end_ && *at_ != ',' && *at_ != ']' && *at_ != '}'; ++at_)
      has_exponent = has_exponent || (*at_ | 0x20) == 'e';
    if (!has_exponent && at_ - first <= kDigitsBehind) return;
    if (fits_numeric({first, static_cast<std::size_t>(at_ - first)})) return;
    at_ = first;
    what_ = "a number outside of numeric's range";
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const char* what_ = nullptr;  // was found, at `at_`
};

}  // namespace

std::string jsonb_refusal(std::string_view json) {
  return Search(json).run();
}

}  // namespace daybook::postgres
