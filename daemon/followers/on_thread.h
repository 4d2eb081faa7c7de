// Has another thread run a coroutine, and goes on at home with what it gives.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "daemon/net/spawn.h"
#include "daemon/threads/io_thread.h"

namespace daybook {

// A server that does not answer must not hold up whoever asks the daemon.
inline constexpr std::chrono::seconds kAnswerWithin{30};

// Of the caller's thread, but for `answered`'s executor.
template <class T>
struct Call {
  explicit Call(const boost::asio::any_io_executor& caller) : answered(caller, kAnswerWithin) {}

  T answer = Error{Errc::io_failed, "no answer came within 30 seconds; what was begun goes on"};
  boost::asio::steady_timer answered;  // cancelled with the answer
};

template <class T>
Awaitable<T> without_throwing(Awaitable<T> task) {
  try {
    co_return co_await std::move(task);
  } catch (const std::exception& error) {
    co_return Error{Errc::internal, error.what()};
  }
}

template <class T>
Awaitable<void> carry_out(Awaitable<T> task, std::shared_ptr<Call<T>> call) {
  auto caught = without_throwing(std::move(task));
  T answer = co_await std::move(caught);
  boost::asio::post(call->answered.get_executor(), [call, answer = std::move(answer)]() mutable {
    call->answer = std::move(answer);
    call->answered.cancel();
  });
}

// From a coroutine of any executor. `T` is a Result.
template <class T>
Awaitable<T> on_thread(IoThread& thread, Awaitable<T> task) {
  const auto caller = co_await boost::asio::this_coro::executor;
  const auto call = std::make_shared<Call<T>>(caller);
  net::spawn(thread.context(), "follower_call", carry_out(std::move(task), call));
  // The answer is posted behind this coroutine, so that the timer waits by then.
  co_await call->answered.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return std::move(call->answer);
}

}  // namespace daybook
