// Suspends a coroutine until another thread has done its part. What was handed over is resumed on
// the io thread that it came from, never inside the call that suspends.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "protocol/backend.h"

namespace daybook {

class IoThread;

// A suspended coroutine. Destroying it instead of resuming destroys the coroutine.
class Suspended {
 public:
  explicit Suspended(IoThread& home) : home_(home) {}
  virtual ~Suspended() = default;
  IoThread& home() const { return home_; }
  virtual void resume() = 0;  // on its home thread, once

 private:
  IoThread& home_;
};

using Suspension = std::unique_ptr<Suspended>;

template <class Handler>
class SuspendedHandler final : public Suspended {
 public:
  SuspendedHandler(IoThread& home, Handler handler)
      : Suspended(home), handler_(std::move(handler)) {}
  void resume() override {
    Handler handler = std::move(handler_);
    handler();
  }

 private:
  Handler handler_;
};

// `Start` has `void operator()(Suspension)`: it hands the suspension to whoever resumes it.
template <class Start>
struct Suspending {
  IoThread* home;
  Start start;
  template <class Handler>
  void operator()(Handler&& handler) {
    start(std::make_unique<SuspendedHandler<std::decay_t<Handler>>>(
        *home, std::forward<Handler>(handler)));
  }
};

template <class Start>
Awaitable<void> suspend(IoThread& home, Start start) {
  Suspending<Start> suspending{&home, std::move(start)};
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      std::move(suspending), boost::asio::use_awaitable);
}

}  // namespace daybook
