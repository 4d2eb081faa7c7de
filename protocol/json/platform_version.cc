// See platform_version.h.
#include "protocol/json/platform_version.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace daybook::json {
namespace {

using Read = std::variant<std::int32_t, PlatformIssue>;

PlatformIssue issue(const Place& place, std::string_view type, std::string_view msg,
                    std::string_view ctx = {}) {
  return {std::string(type), place.loc, std::string(msg), std::string(place.input),
          std::string(ctx)};
}

PlatformIssue unparsable(const Place& place) {
  return issue(place, "int_parsing",
               "Input should be a valid integer, unable to parse string as an integer");
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits without leading zeros, and a sign, as a number of 32 bits.
Read fit(const Place& place, bool negative, std::string_view digits) {
  std::int64_t value = 0;
  const bool fits = digits.size() <= 10;
  if (fits) std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (negative) value = -value;
  if (!negative && (!fits || value > std::numeric_limits<std::int32_t>::max()))
    return issue(place, "less_than_equal", "Input should be less than or equal to 2147483647",
                 R"({"le":2147483647})");
  if (negative && (!fits || value < std::numeric_limits<std::int32_t>::min()))
    return issue(place, "greater_than_equal",
                 "Input should be greater than or equal to -2147483648", R"({"ge":-2147483648})");
  return static_cast<std::int32_t>(value);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// What remains of "7" behind the digits: nothing, or a point and zeros.
bool is_zero_fraction(std::string_view rest) {
  return rest.empty() || (rest.size() > 1 && rest[0] == '.' &&
                          rest.find_first_not_of('0', 1) == std::string_view::npos);
}

// Digits with single underscores between them; leading zeros, and underscores among them, go.
std::optional<std::string> plain_digits(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  std::size_t at = 0;
  if (text[0] == '0') at = std::min(text.find_first_not_of("0_"), text.size());
  std::string out;
  for (bool after_digit = at == 0 || text[at - 1] == '0'; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      out += text[at];
      after_digit = true;
    } else if (text[at] == '_' && after_digit) {
      after_digit = false;
    } else {
      break;
    }
  }
  if (text[at - 1] == '_' || !is_zero_fraction(text.substr(at))) return std::nullopt;
  return out.empty() ? "0" : out;
}

Read read_text(const Place& place) {
  std::string text = decode_inside(place.input.substr(1, place.input.size() - 2));
  std::string_view number = trim(text);
  const bool negative = number.starts_with('-');
  if (negative || number.starts_with('+')) number.remove_prefix(1);
  const auto digits = plain_digits(number);
  return digits ? fit(place, negative, *digits) : Read(unparsable(place));
}

Read read_float(const Place& place) {
  const double value = std::strtod(std::string(place.input).c_str(), nullptr);
  if (!std::isfinite(value))
    return issue(place, "finite_number", "Input should be a finite number");
  if (value != std::trunc(value))
    return issue(place, "int_from_float",
                 "Input should be a valid integer, got a number with a fractional part");
  if (std::abs(value) >= 9223372036854775808.0)
    return issue(place, "int_parsing_size",
                 "Unable to parse input string as an integer, exceeded maximum size");
  return fit(place, value < 0, std::to_string(static_cast<std::int64_t>(std::abs(value))));
}

}  // namespace

std::variant<std::int32_t, PlatformIssue> read_platform_version(const Place& place) {
  const std::string_view input = place.input;
  if (input == "true") return 1;
  if (input == "false") return 0;
  if (input[0] == '"') return read_text(place);
  if (input[0] != '-' && !is_digit(input[0]))
    return issue(place, "int_type", "Input should be a valid integer");
  if (input.find_first_of(".eE") != std::string_view::npos) return read_float(place);
  const bool negative = input[0] == '-';
  return fit(place, negative, input.substr(negative ? 1 : 0));
}

std::string_view shown_version(std::string_view schema_version) {
  if (!schema_version.starts_with('"')) return schema_version;
  const std::string_view inside = schema_version.substr(1);
  const std::string_view digits = inside.substr(0, inside.find_first_not_of("0123456789"));
  const std::string_view number =
      digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  return number.empty() || number.size() > 9 ? "1" : number;
}

}  // namespace daybook::json
