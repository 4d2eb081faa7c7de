// The log as a follower reads it: through the same port as everybody else.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "replication/follower/feed.h"

namespace daybook {

// Used on `thread` alone. While nobody waits it costs a commit nothing.
class LogFeed final : public EventFeed {
 public:
  LogFeed(IoThread& thread, LogPort& log) : log_(log), woken_(thread.context()) {}

  Offset head() const override { return log_.head(); }
  Awaitable<Result<Page>> read(Query query) override { return log_.read(std::move(query)); }
  Awaitable<void> wait_above(Offset after) override;
  void wake() override { woken_.cancel(); }

 private:
  LogPort& log_;
  boost::asio::steady_timer woken_;
};

}  // namespace daybook
