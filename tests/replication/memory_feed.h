// A log in memory, as followers see it. Of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "replication/follower/feed.h"

namespace daybook::testing {

// An event that owns its texts.
struct LoggedEvent {
  std::string id;  // empty: "e" and the offset
  std::string event_type = "thing.done";
  std::string aggregate_type = "thing";
  std::string aggregate_id = "1";
  std::string schema_version = "1";
  std::string correlation_id;
  std::string causation_id;
  std::string payload = "{}";
  std::string metadata = "{}";
  std::vector<std::string> tags;
  std::string id_space;
  Timestamp recorded_at{1'769'248'800'000'000};
  // Given by the log.
  Offset offset;
  Sequence sequence;

  EventView view() const;
};

// What several feeds read, each of a follower of its own.
class MemoryLog {
 public:
  // Gives its offset and the next sequence of its aggregate.
  Offset add(LoggedEvent event);
  Offset head() const { return Offset{events_.size()}; }
  const LoggedEvent& at(Offset offset) const { return events_.at(offset.value - 1); }
  Page read(const Query& query) const;

 private:
  friend class MemoryFeed;
  std::deque<LoggedEvent> events_;  // a reference to one stays valid
  std::map<std::pair<std::string, std::string>, std::uint64_t> heads_;
  std::list<boost::asio::steady_timer*> waiting_;
};

class MemoryFeed final : public EventFeed {
 public:
  MemoryFeed(const boost::asio::any_io_executor& executor, MemoryLog& log)
      : log_(log), woken_(executor) {}
  ~MemoryFeed() override { log_.waiting_.remove(&woken_); }  // whoever waits goes with its executor

  Offset head() const override { return log_.head(); }
  boost::asio::awaitable<Result<Page>> read(Query query) override;
  boost::asio::awaitable<void> wait_above(Offset after) override;
  void wake() override { woken_.cancel(); }

 private:
  MemoryLog& log_;
  boost::asio::steady_timer woken_;
};

}  // namespace daybook::testing
