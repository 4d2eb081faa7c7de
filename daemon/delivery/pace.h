// How often the desks of one io thread take turns. A turn costs about the same whether it moves one
// event or a hundred: where many desks are busy and the thread has more to do than it can, each
// rests a little between its turns, so that events and acks gather and appends keep their share. A
// desk that is busy alone never rests, and nobody does on a thread that keeps up. One io thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>

#include "storage/model/queue.h"

namespace daybook {

class Pace {
 public:
  explicit Pace(boost::asio::io_context& context) : context_(context) {}
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  // What a desk keeps of it.
  struct Stamp {
    std::int64_t window = -1;  // in which it took its last turn
    Moment rests_until = Moment::min();
  };
  // The desk takes a turn now.
  void took_turn(Stamp& stamp, Moment now);

 private:
  void begin_window(std::int64_t window, Moment now);

  boost::asio::io_context& context_;
  std::int64_t window_ = -1;
  std::int64_t busy_ = 0;             // desks that took a turn in this window
  std::int64_t busy_before_ = 0;      // and in the one before
  std::chrono::nanoseconds late_{0};  // how long the thread takes to come to what is posted
};

}  // namespace daybook
