#include "replication/webhook/retry_after.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "storage/base/limits.h"

namespace daybook::webhook {
namespace {

constexpr const char* kDateForms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                      "%a %b %d %H:%M:%S %Y"};

std::chrono::seconds bounded(std::int64_t seconds) {
  constexpr std::chrono::seconds kMax = limits::delay_max;
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kMax.count()));
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const std::string& header, Timestamp now) {
  if (!header.empty() && header.find_first_not_of("0123456789") == std::string::npos) {
    std::int64_t seconds = 0;
    const auto failed = std::from_chars(header.data(), header.data() + header.size(), seconds).ec;
    return bounded(failed == std::errc{} ? seconds : limits::delay_max / std::chrono::seconds(1));
  }
  for (const char* form : kDateForms) {
    std::tm date{};
    const char* end = strptime(header.c_str(), form, &date);
    if (end != nullptr && *end == '\0') return bounded(timegm(&date) - now.micros / 1'000'000);
  }
  return std::nullopt;
}

}  // namespace daybook::webhook
