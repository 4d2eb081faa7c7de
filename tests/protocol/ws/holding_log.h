// A log that holds its appends back until they are released: what a slow disk looks like.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/backend.h"

namespace daybook::ws {

class HoldingLog final : public LogPort {
 public:
  explicit HoldingLog(LogPort& log) : log_(log) {}

  void release() { held_ = false; }

  Offset head() const override { return log_.head(); }
  Awaitable<Result<Receipt>> append(Append append) override {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (held_) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return co_await log_.append(std::move(append));
  }
  Awaitable<Result<Page>> read(Query query) override { return log_.read(std::move(query)); }
  Awaitable<Result<Page>> find(std::string id_space, std::string id) override {
    return log_.find(std::move(id_space), std::move(id));
  }
  Awaitable<Result<Page>> find(Offset offset) override { return log_.find(offset); }
  std::unique_ptr<Interest> listen(Filter filter, std::function<void()> told) override {
    return log_.listen(std::move(filter), std::move(told));
  }
  json::EventTexts& event_texts() override { return log_.event_texts(); }
  Awaitable<Result<Offset>> resolve(StartPoint point) override { return log_.resolve(point); }

 private:
  LogPort& log_;
  bool held_ = true;
};

}  // namespace daybook::ws
