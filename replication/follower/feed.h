// Where a follower reads. The daemon implements it over the log; of one follower and one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "storage/base/result.h"
#include "storage/model/query.h"

namespace daybook {

class EventFeed {
 public:
  virtual ~EventFeed() = default;

  // The committed head: nothing above it is ever given out.
  virtual Offset head() const = 0;
  // A page of committed events in the order of the log. `Page::examined` says up to where the
  // filter was applied: also of a page that is short or empty.
  virtual boost::asio::awaitable<Result<Page>> read(Query query) = 0;
  // Resumes once the head is above `after`; sooner after `wake`. One call at a time.
  virtual boost::asio::awaitable<void> wait_above(Offset after) = 0;
  virtual void wake() = 0;
};

}  // namespace daybook
