// What fails: back-off, dead letters and what waits behind them, until they are settled.
#include "daemon/backend/store_dead_letters.h"
#include "tests/daemon/delivery/delivery_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::seconds;

Awaitable<Result<DeadLetterPage>> do_list(DeadLetterPort& port, DeadLetterPort::List list) {
  co_return co_await port.list(std::move(list));
}
Awaitable<Result<DeadLetterPort::Changed>> do_retry(DeadLetterPort& port,
                                                    DeadLetterPort::Change change) {
  co_return co_await port.retry(std::move(change));
}
Awaitable<Result<DeadLetterPort::Changed>> do_discard(DeadLetterPort& port,
                                                      DeadLetterPort::Change change) {
  co_return co_await port.discard(std::move(change));
}

class FailuresTest : public DeliveryTest {
 protected:
  // "1:2" for offset 1 after 2 deliveries, "r" where it is being retried, "+3" behind it.
  std::string dead(DeadLetterPort::List list = {.queue = "work"}) {
    StoreDeadLetters port(*store_, *readers_, *dispatcher_);
    const auto page = wait_for(run(do_list(port, std::move(list))));
    if (!page) return std::string(name(page.error().code));
    std::string out;
    for (std::size_t i = 0; i < page->facts.size(); ++i) {
      const DeadLetterPage::Facts& facts = page->facts[i];
      out += (out.empty() ? "" : " ") + std::to_string(page->events.events[i].offset.value) + ":" +
             std::to_string(facts.attempts);
      if (facts.retrying) out += "r";
      if (facts.held > 0) out += "+" + std::to_string(facts.held);
    }
    if (page->events.next) out += " ...";
    return out;
  }
  // Without attempts.
  static std::string offsets(const Result<Leased>& leased) {
    return testing::PrintToString(offsets_of(leased->page));
  }
  static std::string describe(const Result<DeadLetterPort::Changed>& changed) {
    if (!changed) return std::string(name(changed.error().code));
    std::string out = std::to_string(changed->count);
    for (const Offset offset : changed->refused) out += " !" + std::to_string(offset.value);
    if (changed->next) out += " from " + std::to_string(changed->next->value);
    return out;
  }
  std::string retry(DeadLetterChoice choice) {
    StoreDeadLetters port(*store_, *readers_, *dispatcher_);
    return describe(wait_for(run(do_retry(port, {.queue = "work", .choice = std::move(choice)}))));
  }
  std::string discard(DeadLetterChoice choice) {
    StoreDeadLetters port(*store_, *readers_, *dispatcher_);
    return describe(
        wait_for(run(do_discard(port, {.queue = "work", .choice = std::move(choice)}))));
  }
  // Delivered to "m" one by one, and given up on.
  void kill(const std::vector<std::uint64_t>& offsets) {
    for (const std::uint64_t offset : offsets) {
      EXPECT_EQ(std::to_string(offset), fetched("work", "m", 1, seconds(50)));
      EXPECT_EQ("", nack("work", "m", offset, NackAction::dead_letter));
    }
  }
  static std::vector<Offset> some(const std::vector<std::uint64_t>& offsets) {
    std::vector<Offset> out;
    for (const std::uint64_t offset : offsets) out.push_back({offset});
    return out;
  }
};

TEST_F(FailuresTest, ANackBringsTheEventBack) {
  put_group("work", {.backoff_ms = {1}});
  append_each("a");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", nack("work", "m", 1));
  EXPECT_EQ("1/2", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ(1u, dispatcher_->counts().failed[0].load());
}

TEST_F(FailuresTest, ADeadLetterIsListedWhenTheNackReturns) {
  put_group("work", {.max_deliveries = 2, .backoff_ms = {1}});
  append_each("ab");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", nack("work", "m", 1));
  EXPECT_EQ("2", fetched("work", "n", 1, seconds(50)));
  EXPECT_EQ("1/2", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", nack("work", "m", 1));
  EXPECT_EQ("1:2", dead());
  EXPECT_EQ(1u, view("work").dead_letters);
  EXPECT_EQ(Offset{1}, view("work").committed);
}

TEST_F(FailuresTest, DeadLettersOutliveARestart) {
  put_group("work");
  append_each("ab");
  kill({1, 2});
  restart();
  EXPECT_EQ("1:1 2:1", dead());
}

TEST_F(FailuresTest, DeadLettersArePagedAndFiltered) {
  put_group("work");
  append_each("abcab");
  kill({1, 2, 3, 4, 5});
  EXPECT_EQ("1:1 2:1 ...", dead({.queue = "work", .limit = 2}));
  EXPECT_EQ("3:1 4:1 ...", dead({.queue = "work", .after = Offset{2}, .limit = 2}));
  EXPECT_EQ("5:1", dead({.queue = "work", .after = Offset{4}, .limit = 2}));
  Filter filter;
  filter.aggregate_id = "b";
  EXPECT_EQ("2:1 5:1", dead({.queue = "work", .filter = filter}));
  EXPECT_EQ("unknown_group", dead({.queue = "other"}));
}

TEST_F(FailuresTest, ARetriedDeadLetterKeepsItsHistory) {
  put_group("work");
  append_each("a");
  kill({1});
  EXPECT_EQ("1 !7", retry(some({1, 7})));
  EXPECT_EQ("1:1r", dead());
  EXPECT_EQ("0 !1", retry(some({1})));
  EXPECT_EQ("0 !1", discard(some({1}))) << "it is settled by its delivery";
  EXPECT_EQ("1/2", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", nack("work", "m", 1, NackAction::dead_letter));
  EXPECT_EQ("1:2", dead());
  EXPECT_EQ(1u, view("work").dead_letters);
  EXPECT_EQ("1", retry(some({1})));
  EXPECT_EQ("1/3", fetched("work", "m", 1, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1}));
  EXPECT_EQ("", dead());
  EXPECT_EQ(0u, view("work").dead_letters);
}

TEST_F(FailuresTest, AFilterRetriesAsFarAsThereIsRoom) {
  put_group("work", {.order = GroupOrder::none, .max_unfinished = 3});
  append_each("abcde");
  kill({1, 2, 3, 4, 5});
  EXPECT_EQ("3 from 3", retry(Filter{}));
  EXPECT_EQ("1/2 2/2 3/2", fetched("work", "m", 10, seconds(50)));
  EXPECT_EQ("", ack("work", "m", {1, 2, 3}));
  EXPECT_EQ("2", retry(Filter{}));
  EXPECT_EQ("4:1r 5:1r", dead());
}

TEST_F(FailuresTest, WhatWaitsBehindADeadLetterIsDeliveredOnceItIsSettled) {
  put_group("work", {.block_aggregate = true});
  append_each("aaab");
  kill({1});
  EXPECT_EQ("{ 4 }", offsets(fetch("work", "m", 10, seconds(50))));
  EXPECT_EQ("", ack("work", "m", {4}));
  EXPECT_EQ("1:1+2", dead());
  EXPECT_EQ(Offset{4}, view("work").committed);
  EXPECT_EQ("1", discard(Filter{}));
  EXPECT_EQ("{ 2 }", offsets(fetch("work", "m", 10, seconds(50))));
  EXPECT_EQ("", ack("work", "m", {2}));
  EXPECT_EQ("{ 3 }", offsets(fetch("work", "m", 10, seconds(50))));
  EXPECT_EQ("", ack("work", "m", {3}));
  EXPECT_EQ(0u, view("work").set_aside);
}

TEST_F(FailuresTest, ManyDeadLettersOfOneNackAreAllListedWhenItReturns) {
  put_group("work", {.order = GroupOrder::none});
  constexpr std::uint64_t kMany = 200;
  for (std::uint64_t i = 0; i < kMany; ++i) append_each("a");
  ASSERT_EQ(kMany, fetch("work", "m", kMany, seconds(50))->tags.size());
  NackLeases nack{.member = "m", .leases = {}, .action = NackAction::dead_letter};
  for (std::uint64_t i = 1; i <= kMany; ++i) nack.leases.push_back({Offset{i}, std::nullopt});
  EXPECT_EQ("", take("work", nack));
  EXPECT_EQ(kMany, view("work").dead_letters);
}

TEST_F(FailuresTest, AGroupWhoseDownstreamIsGonePausesItself) {
  put_group("work", {.order = GroupOrder::none, .backoff_ms = {60'000}, .breaker_window = 10});
  append_each("aaaaaaaaaaaaaaa");
  for (std::uint64_t offset = 1; offset <= 10; ++offset) {
    EXPECT_EQ(std::to_string(offset), fetched("work", "m", 1, seconds(50)));
    EXPECT_EQ("", nack("work", "m", offset));
  }
  EXPECT_EQ(BreakerState::open, view("work").breaker);
  EXPECT_EQ("", fetched("work", "m", 1));
}

}  // namespace
}  // namespace daybook::test
