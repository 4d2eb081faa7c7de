// Where a follower writes: PostgreSQL, Redis. Of one follower and one thread.
//
// An error of any call says, for a person and without a password, why nothing can be posted now;
// the follower closes the sink, waits and opens it again, and goes on from the checkpoint that
// `open` gives. `standby` is no failure: another daemon posts.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "storage/base/result.h"
#include "storage/model/query.h"

namespace daybook {

class Sink {
 public:
  virtual ~Sink() = default;

  // What it wants to be given, as of the last `open`.
  struct Wants {
    Filter filter;
    std::uint32_t page_events = 10'000;  // at most
  };
  virtual Wants wants() const = 0;

  // Connects and takes the place of whoever wrote before. Gives the checkpoint: everything up to
  // there is on the other side.
  virtual boost::asio::awaitable<Result<Offset>> open() = 0;

  // Posts the page's events, in their order, and moves the checkpoint to `Page::examined`. What
  // became of it when it fails is not known: `open` tells.
  virtual boost::asio::awaitable<Result<void>> write(const Page& page) = 0;

  struct Rest {
    bool finished = false;  // it has done what it was for
    std::optional<std::chrono::milliseconds>
        again;  // wants to be asked again, even if nothing comes
  };
  // Everything up to the head is posted, or was while the last page was written: under a load that
  // never ends too. Called whenever that becomes so, and after `again`.
  virtual boost::asio::awaitable<Result<Rest>> caught_up() = 0;

  // Disconnects; what is under way fails. May be called at any time, on the follower's thread, and
  // more than once.
  virtual void close() = 0;
};

}  // namespace daybook
