// The daemon as a worker sees it: it may be lost, and is looked for again.
#pragma once

#include <chrono>
#include <optional>

#include "daemon/ctl/context.h"

namespace daybook::ctl {

class DaemonLink {
 public:
  using Clock = std::chrono::steady_clock;

  explicit DaemonLink(Context& context) : context_(context) {}

  // The answer where it is a success. Nullopt where none came or the daemon cannot do its work now:
  // said once, and it is left alone for a while, longer each time in a row. Throws Failure where it
  // refuses.
  std::optional<client::HttpResponse> check(Result<client::HttpResponse> answer);

  bool is_lost() const { return pause_ > Clock::duration::zero(); }
  bool may_ask() const { return !is_lost() || Clock::now() >= retry_at_; }
  Clock::time_point retry_at() const { return retry_at_; }  // where it is lost

 private:
  Context& context_;
  Clock::duration pause_{};  // the last one; zero: not lost
  Clock::time_point retry_at_;
};

}  // namespace daybook::ctl
