// A connection without a socket, for tests: plays client and owner of a session on one io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <optional>
#include <string>

#include "protocol/ws/session.h"

namespace daybook::ws {

class Connection final : public TaskOwner {
 public:
  explicit Connection(Backend backend, const SessionSettings& settings = {.version = "0.1.0"});
  ~Connection() override;

  // Hands the frame in; it is heard when those before it were.
  void send(std::string frame);
  // The next frame the server sent; empty after five seconds without one, or at the end.
  std::string receive();
  // The next frame whose "op" it is, passing over others.
  std::string receive(std::string_view op);
  // Runs until nothing is ready, without taking frames.
  void settle();
  // Runs until `done` says so; false after five seconds.
  template <class Done>
  bool run_until(Done done);

  Session& session() { return session_; }
  bool delivering() const { return delivering_; }
  bool at_end() const { return at_end_; }
  std::size_t unheard() const { return unheard_.size(); }
  std::size_t tasks() const { return tasks_; }

  void spawn(const char* name, Awaitable<void> task) override;

 private:
  Awaitable<void> hear_all();
  Awaitable<void> take_one();

  boost::asio::io_context io_;
  Backend backend_;
  Session session_;
  std::deque<std::string> unheard_;
  bool hearing_ = false;
  bool delivering_ = true;
  bool taking_ = false;
  bool at_end_ = false;
  std::optional<std::string> taken_;
  std::size_t tasks_ = 0;
};

template <class Done>
bool Connection::run_until(Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace daybook::ws
