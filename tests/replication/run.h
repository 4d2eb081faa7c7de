// Runs a coroutine of a test to its end, together with whatever else the io_context has to do.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace daybook::test {

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

// Throws what the coroutine throws, and where it has not ended within `limit`: then it stays
// suspended until the io_context goes.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work,
      std::chrono::milliseconds limit = std::chrono::minutes(1)) {
  if constexpr (std::is_void_v<T>) {
    bool done = false;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
      done = true;
      thrown = error;
    });
    const auto end = std::chrono::steady_clock::now() + limit;
    io.restart();
    while (!done && io.run_one_until(end) > 0) continue;
    if (!done) throw std::runtime_error("a coroutine has not ended in time");
    if (thrown) std::rethrow_exception(thrown);
  } else {
    std::optional<T> result;
    run(io, keep(std::move(work), result), limit);
    return std::move(*result);
  }
}

}  // namespace daybook::test
