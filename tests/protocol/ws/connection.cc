// See connection.h.
#include "tests/protocol/ws/connection.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <utility>

namespace daybook::ws {
namespace {

// What a coroutine throws fails the test; being cancelled at the end of one is no failure.
struct Ended {
  void operator()(const std::exception_ptr& error) const {
    if (after) after();
    if (error) ADD_FAILURE() << "a coroutine of the session threw";
  }
  std::function<void()> after;
};

}  // namespace

Connection::Connection(Backend backend, const SessionSettings& settings)
    : backend_(backend), session_(backend_, settings, *this, io_.get_executor()) {
  boost::asio::co_spawn(io_, session_.deliver(), Ended{[this] { delivering_ = false; }});
}

Connection::~Connection() {
  session_.ended(Session::Peer::lost);
  EXPECT_TRUE(run_until([this] { return !delivering_ && tasks_ == 0 && !hearing_ && !taking_; }));
}

void Connection::spawn(const char*, Awaitable<void> task) {
  ++tasks_;
  boost::asio::co_spawn(io_, std::move(task), Ended{[this] { --tasks_; }});
}

void Connection::send(std::string frame) {
  unheard_.push_back(std::move(frame));
  if (std::exchange(hearing_, true)) return;
  boost::asio::co_spawn(io_, hear_all(), Ended{[this] { hearing_ = false; }});
}

Awaitable<void> Connection::hear_all() {
  while (!unheard_.empty()) {
    std::string frame = std::move(unheard_.front());
    co_await session_.heard(std::move(frame));
    unheard_.pop_front();
  }
}

Awaitable<void> Connection::take_one() {
  taken_ = co_await session_.outbox().pop();
  at_end_ = !taken_;
}

std::string Connection::receive() {
  if (!std::exchange(taking_, true))
    boost::asio::co_spawn(io_, take_one(), Ended{[this] { taking_ = false; }});
  if (!run_until([this] { return !taking_; }) || !taken_) return {};
  return *std::exchange(taken_, std::nullopt);
}

std::string Connection::receive(std::string_view op) {
  const std::string wanted = R"({"op":")" + std::string(op) + '"';
  for (;;) {
    std::string frame = receive();
    if (frame.empty() || frame.starts_with(wanted)) return frame;
  }
}

void Connection::settle() {
  io_.restart();
  while (io_.poll() > 0) {
  }
}

}  // namespace daybook::ws
