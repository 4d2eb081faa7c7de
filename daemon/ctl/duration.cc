// A number and its unit.
#include "daemon/ctl/duration.h"

#include <charconv>
#include <cstdint>

#include "daemon/ctl/context.h"

namespace daybook::ctl {
namespace {

std::uint64_t milliseconds_in(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s" || unit.empty()) return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return 0;
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  constexpr std::uint64_t kMax = 1000ull * 3'600'000;
  const char* end = text.data() + text.size();
  std::uint64_t number = 0;
  const auto [behind, failed] = std::from_chars(text.data(), end, number);
  const std::uint64_t unit = milliseconds_in(std::string_view(behind, end));
  if (failed != std::errc{} || unit == 0 || number > kMax / unit)
    throw Failure(Exit::usage, "'" + std::string(text) + "' is no time like 500ms, 30s, 5m or 2h");
  return std::chrono::milliseconds(number * unit);
}

}  // namespace daybook::ctl
