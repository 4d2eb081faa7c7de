// See min_offset.h.
#include "protocol/http/min_offset.h"

#include "protocol/http/live_wait.h"
#include "protocol/http/parameters.h"

namespace daybook::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kMinOffset = "Daybook-Min-Offset";
constexpr std::string_view kWaitMs = "Daybook-Wait-Ms";
constexpr std::uint64_t kWaitMsDefault = 5000;
constexpr std::uint64_t kWaitMsMax = 60'000;

Error bad_header(std::string_view name, std::string_view must_be) {
  return {Errc::bad_parameter, "header " + std::string(name) + " must be " + std::string(must_be)};
}

}  // namespace

bool asks_min_offset(const Request& request) {
  return request.headers.find(kMinOffset) != request.headers.end();
}

Result<MinOffset> read_min_offset(const Request& request) {
  const auto wanted = parse_integer(request.headers[kMinOffset]);
  if (!wanted) return bad_header(kMinOffset, "an offset");
  const std::string_view wait_text = request.headers[kWaitMs];
  const auto wait = wait_text.empty() ? std::optional(kWaitMsDefault) : parse_integer(wait_text);
  if (!wait || *wait > kWaitMsMax) return bad_header(kWaitMs, "milliseconds, up to 60000");
  return MinOffset{.offset = {*wanted}, .wait = milliseconds(*wait)};
}

Awaitable<Result<void>> reach_min_offset(const Call& call) {
  const Result<MinOffset> asked = read_min_offset(call.request);
  if (!asked) co_return asked.error();
  const std::uint64_t wanted = asked->offset.value;
  LogPort& log = call.backend.log;
  LiveWait live(log, Filter());
  const auto deadline = steady_clock::now() + asked->wait;
  while (log.head().value < wanted) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds(0))
      co_return Error{Errc::not_yet, "the head is " + std::to_string(log.head().value) +
                                         ", not yet " + std::to_string(wanted)};
    const Offset below{wanted - 1};
    const bool goes_on = co_await live.wait(below, left);
    if (!goes_on)
      co_return Error{Errc::shutting_down, "the daemon stops; ask again when it is back"};
  }
  co_return Result<void>();
}

}  // namespace daybook::http
