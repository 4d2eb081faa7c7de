// How a log line looks, as text for people (logfmt) or as one JSON object.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "storage/base/time.h"

namespace daybook::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { text, json };

// As the configuration spells them, in the order of the enums.
inline constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warning", "error"};
inline constexpr std::array<std::string_view, 2> kFormatNames{"text", "json"};

// A name and what it is. Text is not copied: it has to outlive the call that writes the line.
struct Field {
  using Value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view>;

  template <class T>
  Field(std::string_view field, const T& v) : name(field), value(to_value(v)) {}

  std::string_view name;
  Value value;

 private:
  template <class T>
  static Value to_value(const T& v) {
    if constexpr (std::same_as<T, bool>)
      return v;
    else if constexpr (std::signed_integral<T>)
      return std::int64_t{v};
    else if constexpr (std::unsigned_integral<T>)
      return std::uint64_t{v};
    else if constexpr (std::floating_point<T>)
      return double{v};
    else
      return std::string_view(v);
  }
};

// text: 2026-01-24T10:00:00.123456Z info    group_reset group=billing from=5
// json: {"time":"2026-01-24T10:00:00.123456Z","level":"info","event":"group_reset",…}
// Never contains a line break, nor, in JSON, bytes that are not UTF-8.
std::string format_line(Format format, Level level, Timestamp time, std::string_view event,
                        std::span<const Field> fields);

}  // namespace daybook::log
