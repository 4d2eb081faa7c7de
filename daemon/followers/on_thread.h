// Has another thread run a coroutine, and resumes at home with what it gives.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "daemon/net/spawn.h"
#include "daemon/threads/io_thread.h"
#include "daemon/threads/suspend.h"

namespace daybook {

template <class T>
Awaitable<void> give(Awaitable<T> task, std::optional<T>* answer, Suspension caller) {
  // Whatever happens the caller goes on: nothing else would resume it.
  try {
    answer->emplace(co_await std::move(task));
  } catch (const std::exception& error) {
    answer->emplace(Error{Errc::internal, error.what()});
  }
  caller->home().resume(std::move(caller));
}

// From a coroutine on an io thread. `T` is a Result.
template <class T>
Awaitable<T> on_thread(IoThread& thread, Awaitable<T> task) {
  std::optional<T> answer;
  auto start = [&thread, &task, &answer](Suspension caller) {
    net::spawn(thread.context(), "follower_call",
               give(std::move(task), &answer, std::move(caller)));
  };
  co_await suspend(IoThread::current(), std::move(start));
  co_return std::move(*answer);
}

}  // namespace daybook
