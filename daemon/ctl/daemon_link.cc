// Pauses double.
#include "daemon/ctl/daemon_link.h"

#include <algorithm>

namespace daybook::ctl {

std::optional<client::HttpResponse> DaemonLink::check(Result<client::HttpResponse> answer) {
  constexpr Clock::duration kPauseMin = std::chrono::milliseconds(100);
  constexpr Clock::duration kPauseMax = std::chrono::seconds(5);
  std::ostream& err = context_.streams.err;
  if (answer && answer->status < 500) {
    if (is_lost()) err << "daybook: the daemon is back" << std::endl;
    pause_ = {};
    if (!answer->is_success()) throw refusal(context_, *answer);
    return *std::move(answer);
  }
  if (!is_lost())
    err << "daybook: " << (answer ? refusal(context_, *answer).text() : answer.error().detail)
        << "; trying again" << std::endl;
  pause_ = std::clamp(pause_ * 2, kPauseMin, kPauseMax);
  retry_at_ = Clock::now() + pause_;
  return std::nullopt;
}

}  // namespace daybook::ctl
