#include "storage/model/interests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/storage/seed.h"

namespace daybook {
namespace {

// A reader that counts how often it was told.
struct Reader {
  Reader(Interests& all, const Filter& wanted, Offset head = {})
      : filter(wanted), interest(all, wanted, [this] { ++told; }) {
    interest.begin(head);
  }
  const Filter filter;
  std::size_t told = 0;
  Interest interest;
};

EventView event_at(std::uint64_t offset, std::string_view type = "order.paid") {
  EventView event;
  event.offset = Offset{offset};
  event.event_type = type;
  event.aggregate_type = "order";
  event.aggregate_id = "7";
  return event;
}

class InterestsTest : public testing::Test {
 protected:
  void commit(std::string_view type = "order.paid") {
    head_ = head_ + 1;
    all_.look_at(event_at(head_.value, type));
    all_.tell_up_to(head_);
  }
  Interests all_;
  Offset head_;
};

TEST_F(InterestsTest, OnlyWhomItConcernsIsTold) {
  Reader paid(all_, {.event_types = {"order.paid"}});
  Reader orders(all_, {.event_types = {"order.*"}});
  Reader sent(all_, {.event_types = {"order.sent"}});
  Reader everything(all_, {});
  commit("order.paid");
  EXPECT_EQ(1u, paid.told);
  EXPECT_EQ(1u, orders.told);
  EXPECT_EQ(0u, sent.told);
  EXPECT_EQ(1u, everything.told);
}

TEST_F(InterestsTest, ManyEventsAtOnceAreToldOnce) {
  Reader reader(all_, {.event_types = {"order.*", "order.paid"}});
  for (std::uint64_t i = 1; i <= 3; ++i) all_.look_at(event_at(i));
  EXPECT_EQ(1u, all_.tell_up_to(Offset{3}));
  EXPECT_EQ(1u, reader.told);
  EXPECT_EQ(0u, all_.tell_up_to(Offset{3}));
}

TEST_F(InterestsTest, WhatLiesBeforeTheBeginningHasToBeRead) {
  Reader reader(all_, {.tags = {"none"}}, Offset{5});
  EXPECT_TRUE(reader.interest.may_match_above(Offset{4}));
  EXPECT_EQ(Offset{4}, reader.interest.quiet_up_to(Offset{4}));
  EXPECT_FALSE(reader.interest.may_match_above(Offset{5}));
}

TEST_F(InterestsTest, QuietReachesAsFarAsWasLookedAt) {
  Reader reader(all_, {.event_types = {"rare"}});
  commit();
  commit();
  EXPECT_FALSE(reader.interest.may_match_above(Offset{0}));
  EXPECT_EQ(Offset{2}, reader.interest.quiet_up_to(Offset{0}));
  EXPECT_EQ(Offset{9}, reader.interest.quiet_up_to(Offset{9})) << "it has read further";
}

TEST_F(InterestsTest, QuietReachesUpToTheEventThatMatches) {
  Reader reader(all_, {.event_types = {"rare"}});
  for (const char* type : {"a", "a", "rare", "a", "rare", "a"}) commit(type);
  EXPECT_TRUE(reader.interest.may_match_above(Offset{3}));
  EXPECT_EQ(Offset{4}, reader.interest.quiet_up_to(Offset{3}));
  EXPECT_EQ(Offset{4}, reader.interest.quiet_up_to(Offset{4}));
  EXPECT_EQ(Offset{1}, reader.interest.quiet_up_to(Offset{1})) << "an older gap is not known";
  EXPECT_FALSE(reader.interest.may_match_above(Offset{5}));
  EXPECT_EQ(Offset{6}, reader.interest.quiet_up_to(Offset{5}));
}

TEST_F(InterestsTest, NothingIsQuietForWhoWantsEverything) {
  Reader reader(all_, {});
  EXPECT_FALSE(all_.has_filters());
  all_.tell_up_to(Offset{2});
  EXPECT_TRUE(reader.interest.may_match_above(Offset{1}));
  EXPECT_FALSE(reader.interest.may_match_above(Offset{2}));
}

TEST_F(InterestsTest, WhatIsNotLookedAtMayMatchAll) {
  Reader reader(all_, {.event_types = {"rare"}});
  all_.mark_all(Offset{50'000});
  EXPECT_EQ(1u, all_.tell_up_to(Offset{50'000}));
  EXPECT_EQ(Offset{0}, reader.interest.quiet_up_to(Offset{0}));
  EXPECT_TRUE(reader.interest.may_match_above(Offset{49'999}));
  EXPECT_FALSE(reader.interest.may_match_above(Offset{50'000}));
}

TEST_F(InterestsTest, TheFirstReaderDoesNotHearOfWhatWasBefore) {
  Reader reader(all_, {.event_types = {"rare"}}, Offset{100'000});
  EXPECT_EQ(Offset{100'000}, all_.looked_at());
  Reader second(all_, {.event_types = {"rare"}}, Offset{100'005});
  EXPECT_EQ(Offset{100'000}, all_.looked_at()) << "the first has not heard of the five";
}

TEST_F(InterestsTest, WhoIsGoneIsNotTold) {
  auto gone = std::make_unique<Reader>(all_, Filter{.event_types = {"order.*", "order.*"}});
  Reader stays(all_, {.event_types = {"order.*"}});
  all_.look_at(event_at(1));
  gone.reset();
  EXPECT_EQ(1u, all_.tell_up_to(Offset{1}));
  EXPECT_EQ(1u, all_.size());
}

TEST_F(InterestsTest, ClosingTellsEverybody) {
  Reader reader(all_, {.event_types = {"rare"}});
  EXPECT_FALSE(reader.interest.closed());
  all_.close();
  EXPECT_EQ(1u, reader.told);
  EXPECT_TRUE(reader.interest.closed());
}

class InterestsAtRandom : public testing::Test {
 protected:
  std::size_t random(std::size_t below) { return random_() % below; }
  std::string name(std::string_view kind) { return std::string(kind) + std::to_string(random(3)); }
  std::string type() { return name("agent.") + name("."); }
  std::vector<std::string> some(std::string (InterestsAtRandom::*make)()) {
    std::vector<std::string> names;
    for (std::size_t i = random(3); i > 0; --i) names.push_back((this->*make)());
    return names;
  }
  std::string pattern() {
    const std::string whole = type();
    return random(2) == 0 ? whole : whole.substr(0, random(whole.size() + 1)) + "*";
  }
  std::string tag() { return name("tag"); }

  Filter filter() {
    Filter filter;
    if (random(4) == 0) filter.aggregate_type = name("type");
    if (random(6) == 0) filter.aggregate_id = name("id");
    if (random(8) == 0) filter.correlation_id = name("c");
    if (random(8) == 0) filter.causation_id = name("d");
    if (random(3) == 0) filter.event_types = some(&InterestsAtRandom::pattern);
    if (random(3) == 0) filter.tags = some(&InterestsAtRandom::tag);
    for (std::size_t i = random(3) == 0 ? 1 + random(2) : 0; i > 0; --i)
      filter.items.push_back({.event_types = some(&InterestsAtRandom::pattern),
                              .tags = some(&InterestsAtRandom::tag)});
    return filter;
  }

  // What its views point into.
  struct Names {
    std::string event_type, aggregate_type, aggregate_id, correlation, causation;
    std::vector<std::string> tags;
  };
  Names names() {
    Names names{type(), name("type"), name("id"), name("c"), name("d"), {}};
    if (random(2) == 0) names.correlation.clear();
    if (random(2) == 0) names.causation.clear();
    for (const char* tag : {"tag0", "tag1", "tag2"})
      if (random(2) == 0) names.tags.emplace_back(tag);
    return names;
  }
  static EventView view(const Names& names, Offset offset) {
    EventView event;
    event.offset = offset;
    event.event_type = names.event_type;
    event.aggregate_type = names.aggregate_type;
    event.aggregate_id = names.aggregate_id;
    event.correlation_id = names.correlation;
    event.causation_id = names.causation;
    event.tags.assign(names.tags.begin(), names.tags.end());
    return event;
  }

  std::mt19937_64 random_{test_seed()};
};

TEST_F(InterestsAtRandom, ExactlyThoseAreToldWhoseFiltersMatch) {
  Interests all;
  std::vector<std::unique_ptr<Reader>> readers;
  Offset head;
  for (int round = 0; round < 2'000; ++round) {
    if (readers.empty() || random(3) != 0) {
      readers.push_back(std::make_unique<Reader>(all, filter(), head));
    } else {
      std::swap(readers[random(readers.size())], readers.back());
      readers.pop_back();
    }
    std::vector<bool> must_hear(readers.size());
    std::vector<Offset> first_match(readers.size(), kEndOfLog);
    const Offset before = head;
    for (std::size_t events = random(4); events > 0; --events) {
      head = head + 1;
      const Names names = this->names();
      const EventView event = view(names, head);
      all.look_at(event);
      for (std::size_t i = 0; i < readers.size(); ++i) {
        if (must_hear[i] || !readers[i]->filter.matches(event)) continue;
        must_hear[i] = true;
        first_match[i] = head;
      }
    }
    for (auto& reader : readers) reader->told = 0;
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(must_hear, true)), all.tell_up_to(head));
    for (std::size_t i = 0; i < readers.size(); ++i) {
      ASSERT_EQ(must_hear[i] ? 1u : 0u, readers[i]->told) << "round " << round;
      const Interest& interest = readers[i]->interest;
      ASSERT_EQ(must_hear[i], interest.may_match_above(before));
      ASSERT_EQ(must_hear[i] ? first_match[i] - 1 : head, interest.quiet_up_to(before));
    }
  }
}

}  // namespace
}  // namespace daybook
