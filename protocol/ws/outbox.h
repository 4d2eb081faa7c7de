// The frames that one connection has yet to send: a bounded queue with one reader, the coroutine
// that writes to the socket. Everything on the connection's strand.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "protocol/backend.h"
#include "protocol/ws/wake.h"
#include "storage/base/limits.h"

namespace daybook::ws {

// Policy when full: nobody is dropped. Answers wait, which stops the reading of further requests;
// events stay in the log until there is room. A frame that is larger than the whole bound passes
// alone. The frame that `pop` gave out last counts until `pop` is called again: it is being sent.
class Outbox {
 public:
  // Events leave this much to answers, so that a client which is slow to take its events is still
  // heard.
  static constexpr std::size_t answer_bytes = 1 << 20;

  explicit Outbox(const boost::asio::any_io_executor& strand,
                  std::size_t bytes_max = limits::connection_unsent_bytes);

  // Waits for room. False once the box is closed: the frame is dropped.
  Awaitable<bool> push(std::string frame);
  // Whether an event frame of this size may be `put` now.
  bool has_room_for_events(std::size_t bytes) const;
  // Without waiting. Dropped once the box is closed.
  void put(std::string frame);
  // Called whenever there is room again.
  void on_room(std::function<void()> told) { told_of_room_ = std::move(told); }

  // The next frame, in order; nullopt once the box is closed and empty.
  Awaitable<std::optional<std::string>> pop();

  // Nothing is taken in any more; what is queued is still given out, `last` after it.
  void close_with(std::string last);
  // The peer is gone: what is queued is dropped.
  void discard();
  bool closed() const { return closed_; }
  std::size_t unsent_bytes() const { return queued_bytes_ + sending_bytes_; }

 private:
  bool has_room(std::size_t bytes, std::size_t bytes_max) const;
  void take(std::string frame);

  const std::size_t bytes_max_;
  std::deque<std::string> frames_;
  std::size_t queued_bytes_ = 0;
  std::size_t sending_bytes_ = 0;
  bool closed_ = false;
  std::function<void()> told_of_room_;
  Wake room_;
  Wake filled_;
};

}  // namespace daybook::ws
