// The bounded queue of unsent frames.
#include "protocol/ws/outbox.h"

namespace daybook::ws {

Outbox::Outbox(const boost::asio::any_io_executor& strand, std::size_t bytes_max)
    : bytes_max_(bytes_max), room_(strand), filled_(strand) {}

bool Outbox::has_room(std::size_t bytes, std::size_t bytes_max) const {
  const std::size_t unsent = unsent_bytes();
  return unsent == 0 || unsent + bytes <= bytes_max;
}

bool Outbox::has_room_for_events(std::size_t bytes) const {
  return has_room(bytes, bytes_max_ > answer_bytes ? bytes_max_ - answer_bytes : 0);
}

void Outbox::take(std::string frame) {
  queued_bytes_ += frame.size();
  frames_.push_back(std::move(frame));
  filled_.notify();
}

Awaitable<bool> Outbox::push(std::string frame) {
  while (!closed_ && !has_room(frame.size(), bytes_max_)) co_await room_.wait();
  if (closed_) co_return false;
  take(std::move(frame));
  co_return true;
}

void Outbox::put(std::string frame) {
  if (!closed_) take(std::move(frame));
}

Awaitable<std::optional<std::string>> Outbox::pop() {
  if (sending_bytes_ > 0) {
    sending_bytes_ = 0;
    room_.notify();
    if (told_of_room_) told_of_room_();
  }
  while (frames_.empty() && !closed_) co_await filled_.wait();
  if (frames_.empty()) co_return std::nullopt;
  std::string frame = std::move(frames_.front());
  frames_.pop_front();
  sending_bytes_ = frame.size();
  queued_bytes_ -= frame.size();
  co_return std::optional<std::string>(std::move(frame));
}

void Outbox::close_with(std::string last) {
  if (closed_) return;
  take(std::move(last));
  closed_ = true;
  room_.notify();
}

void Outbox::discard() {
  closed_ = true;
  frames_.clear();
  queued_bytes_ = 0;
  room_.notify();
  filled_.notify();
}

}  // namespace daybook::ws
