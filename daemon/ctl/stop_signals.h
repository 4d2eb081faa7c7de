// SIGINT, SIGTERM, SIGHUP and SIGQUIT as something to poll.
#pragma once

#include <csignal>

#include "daemon/ctl/fd.h"

namespace daybook::ctl {

// While it lives, they do not end the process. A SIGHUP that is ignored (nohup) stays so. For the
// thread that made it, and those that it starts.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int fd() const { return fd_.get(); }
  bool take();  // whether one came since the last time

 private:
  sigset_t before_{};
  Fd fd_;
};

}  // namespace daybook::ctl
