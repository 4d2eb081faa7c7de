// A sink between a log in memory and a real Redis.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "replication/redis/message.h"
#include "replication/redis/redis_sink.h"
#include "tests/replication/memory_feed.h"
#include "tests/replication/redis/redis_server.h"
#include "tests/replication/run.h"

namespace daybook::redis {

using daybook::test::run;
using daybook::testing::LoggedEvent;
using daybook::testing::MemoryFeed;
using daybook::testing::MemoryLog;
using daybook::testing::RedisServer;
using daybook::testing::Subscriber;

// Outlives the sinks, as the book does.
struct Book {
  std::optional<Offset> checkpoint;
  std::size_t saves = 0;
  std::function<void()> while_saving = [] {};
};

class BookCheckpoints final : public CheckpointStore {
 public:
  explicit BookCheckpoints(Book& book) : book_(book) {}
  std::optional<Offset> load() const override { return book_.checkpoint; }
  boost::asio::awaitable<Result<void>> save(Offset offset) override {
    co_await boost::asio::post(boost::asio::use_awaitable);
    book_.while_saving();
    book_.checkpoint = std::max(book_.checkpoint.value_or(Offset{}), offset);
    ++book_.saves;
    co_return Result<void>();
  }

 private:
  Book& book_;
};

class RedisSinkTest : public ::testing::Test {
 protected:
  // What the log has had from the beginning on is published, unless a test says otherwise.
  RedisSinkTest() { book_.checkpoint = Offset{}; }

  static SinkSettings settings(const std::string& url) {
    return {.connection = {.url = *parse_url(url),
                           .ca_file = {},
                           .connect_timeout = std::chrono::seconds(5),
                           .answer_timeout = std::chrono::seconds(5)},
            .channels = {},
            .legacy_channel = {},
            .stream = {},
            .page_events = 10,
            .save_every = std::chrono::milliseconds(0)};
  }
  static SinkSettings mirroring(const std::string& url, const std::string& key = "all") {
    SinkSettings made = settings(url);
    made.stream.key = *ChannelTemplate::parse(key);
    return made;
  }

  std::unique_ptr<RedisSink> make_sink(SinkSettings settings) {
    auto store = std::make_unique<BookCheckpoints>(book_);
    auto feed = std::make_unique<MemoryFeed>(io_.get_executor(), log_);
    return std::make_unique<RedisSink>(io_.get_executor(), std::move(settings), std::move(store),
                                       std::move(feed));
  }

  // Another start of the daemon.
  void start(SinkSettings settings) { sink_ = make_sink(std::move(settings)); }

  // Posts up to the head, as a follower does. Gives what it failed with; empty: nothing.
  std::string post() {
    const Result<Offset> opened = run(io_, sink_->open());
    if (!opened) return opened.error().detail;
    const Result<void> posted = post_after(*opened);
    if (posted) return "";
    sink_->close();
    return posted.error().detail;
  }
  Result<void> post_after(Offset checkpoint) {
    while (checkpoint < log_.head()) {
      const Page page = log_.read({.after = checkpoint, .limit = sink_->wants().page_events});
      const Result<void> written = run(io_, sink_->write(page));
      if (!written) return written.error();
      checkpoint = page.examined;
    }
    return {};
  }

  // Events of three aggregates of two types.
  void append(std::size_t count, std::size_t payload_bytes = 10) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = log_.head().value + 1;
      log_.add({.event_type = "thing.done",
                .aggregate_type = number % 3 == 0 ? "agent" : "task",
                .aggregate_id = std::to_string(number % 3),
                .payload = '"' + std::string(payload_bytes, 'x') + '"'});
    }
  }
  std::string message(MessageForm form, std::uint64_t offset,
                      std::optional<std::uint64_t> previous = std::nullopt) const {
    std::string out;
    std::optional<Place> place;
    if (previous) place = Place{.offset = Offset{offset}, .previous = Offset{*previous}};
    append_message(out, form, log_.at(Offset{offset}).view(), place);
    return out;
  }
  // The entries of a stream: offset and event.
  using Entries = std::vector<std::pair<std::string, std::string>>;
  static Entries entries(const RedisServer& server, const std::string& key = "all") {
    Entries entries;
    for (const Reply& entry : server.ask({"XRANGE", key, "-", "+"}).elements)
      entries.emplace_back(entry.elements.at(0).text, entry.elements.at(1).elements.at(1).text);
    return entries;
  }
  Entries whole_log() const {
    Entries entries;
    for (std::uint64_t offset = 1; offset <= log_.head().value; ++offset)
      entries.emplace_back(std::to_string(offset) + "-0", message(MessageForm::native, offset));
    return entries;
  }

  boost::asio::io_context io_{1};
  MemoryLog log_;
  Book book_;
  std::unique_ptr<RedisSink> sink_;
};

}  // namespace daybook::redis
