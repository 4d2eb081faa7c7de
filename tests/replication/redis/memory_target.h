// A log in memory that appends as it is told to.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/redis/ingest.h"

namespace daybook::testing {

class MemoryTarget final : public redis::IngestTarget {
 public:
  struct Log {
    explicit Log(const boost::asio::any_io_executor& executor) : opened(executor) {}

    // Appends wait while it is closed.
    void close() { is_open = false; }
    void open() {
      is_open = true;
      opened.cancel();
    }

    std::vector<std::pair<std::string, std::string>> events;  // type, payload
    std::size_t appends = 0;                                  // begun
    std::size_t largest = 0;                                  // events of one append
    std::function<std::optional<Error>(const Append&)> refusal;
    bool is_open = true;
    boost::asio::steady_timer opened;
  };

  explicit MemoryTarget(std::shared_ptr<Log> log) : log_(std::move(log)) {}

  boost::asio::awaitable<Result<void>> append(Append append) override {
    ++log_->appends;
    while (!log_->is_open) {
      log_->opened.expires_at(boost::asio::steady_timer::time_point::max());
      co_await log_->opened.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    if (log_->refusal)
      if (auto refused = log_->refusal(append)) co_return *refused;
    log_->largest = std::max(log_->largest, append.events.size());
    for (const Draft& draft : append.events) {
      if (draft.digest == Digest{} || append.stamped_at == Timestamp{})
        co_return Error{Errc::internal, "it is not sealed"};
      log_->events.emplace_back(draft.event_type, draft.payload);
    }
    co_return Result<void>();
  }

 private:
  const std::shared_ptr<Log> log_;
};

}  // namespace daybook::testing
