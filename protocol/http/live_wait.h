// Waiting for the log, for long polls and live tails.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "protocol/backend.h"

namespace daybook::http {

// One reader that waits for events of one filter, again and again. Stays where it was made.
class LiveWait {
 public:
  LiveWait(LogPort& log, Filter filter) : log_(log), filter_(std::move(filter)) {}
  LiveWait(const LiveWait&) = delete;
  LiveWait& operator=(const LiveWait&) = delete;

  // Not to be kept.
  const Interest& interest();
  // Until something above `position` may match, or `at_most`; it may end sooner. False where the
  // daemon stops: nothing more will come.
  Awaitable<bool> wait(Offset position, std::chrono::milliseconds at_most);

 private:
  LogPort& log_;
  const Filter filter_;
  std::unique_ptr<Interest> interest_;  // from the first question on
  std::optional<boost::asio::steady_timer> timer_;  // while it waits
};

}  // namespace daybook::http
