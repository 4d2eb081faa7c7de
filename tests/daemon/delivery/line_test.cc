// What a desk reads for a queue, and when it takes a turn for it.
#include "daemon/delivery/line.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::seconds;

constexpr Moment kBegin{};

// A replay of 1 to 100: what is left of it needs no interest.
class LineTest : public testing::Test {
 protected:
  LineTest() {
    GroupRow row;
    row.settings.mode = GroupMode::queue;
    row.replay = ReplayRange{.upto = Offset{100}};
    line_.configure(std::move(row));
    end_turn({.room = 1000});
  }
  void end_turn(Outlook outlook) {
    std::vector<PendingStep> steps;
    line_.begin_turn(steps);
    line_.end_turn(std::move(outlook), kBegin);
  }
  std::uint32_t limit(std::size_t demand) {
    const auto query = line_.next_read(demand, kBegin);
    return query ? query->limit : 0;
  }
  Line line_{"queue"};
};

TEST_F(LineTest, ReadsTwiceWhatIsMissingWithinBounds) {
  EXPECT_EQ(0u, limit(0));
  EXPECT_EQ(256u, limit(1));
  EXPECT_EQ(600u, limit(300));
  EXPECT_EQ(1000u, limit(5000)) << "its room";
  end_turn({.room = 100'000, .ready = 10});
  EXPECT_EQ(2000u, limit(5000));
  EXPECT_EQ(0u, limit(10)) << "they are there already";
}

TEST_F(LineTest, ReadsNothingThatCouldNotBeDelivered) {
  for (const Idle idle : {Idle::breaker, Idle::in_flight_limit}) {
    end_turn({.room = 1000, .idle = idle});
    EXPECT_EQ(0u, limit(10)) << name(idle);
  }
  end_turn({.examined = Offset{100}, .room = 1000});
  EXPECT_EQ(0u, limit(10)) << "the end of its range";
}

TEST_F(LineTest, APageEndsWithTheRange) {
  Query query{.after = Offset{90}};
  Page page{.examined = Offset{500}, .head = Offset{500}};
  page.events.resize(2);
  page.events[0].offset = Offset{95};
  page.events[1].offset = Offset{101};
  line_.take_page(query, page);
  std::vector<PendingStep> steps;
  const QueueTurn turn = line_.begin_turn(steps);
  ASSERT_TRUE(turn.admission);
  EXPECT_EQ(Offset{90}, turn.admission->after);
  EXPECT_EQ(Offset{100}, turn.admission->examined);
  ASSERT_EQ(1u, turn.admission->events.size());
  EXPECT_EQ(Offset{95}, turn.admission->events[0].offset);
}

TEST_F(LineTest, WaitsAfterAReadThatFailed) {
  line_.read_failed(kBegin + seconds(1));
  EXPECT_EQ(0u, limit(1));
  const Moment again = line_.next_due(kBegin);
  EXPECT_LT(kBegin + seconds(1), again);
  EXPECT_TRUE(line_.next_read(1, again));
}

TEST_F(LineTest, TakesATurnWhenSomethingFallsDue) {
  end_turn({.room = 1000, .next_due = kBegin + seconds(3)});
  EXPECT_FALSE(line_.wants_turn(kBegin + seconds(2)));
  EXPECT_EQ(kBegin + seconds(3), line_.next_due(kBegin));
  EXPECT_TRUE(line_.wants_turn(kBegin + seconds(3)));
}

TEST_F(LineTest, WhatATurnLeftDueWaitsForSomethingElse) {
  end_turn({.room = 1000, .next_due = kBegin});
  EXPECT_FALSE(line_.wants_turn(kBegin + seconds(1)));
  line_.poke();
  EXPECT_TRUE(line_.wants_turn(kBegin));
}

TEST_F(LineTest, AChangeOfSettingsNeedsATurn) {
  EXPECT_FALSE(line_.wants_turn(kBegin));
  line_.configure(line_.row());
  EXPECT_TRUE(line_.wants_turn(kBegin));
  EXPECT_EQ(0u, limit(10)) << "nobody knows where to read on";
}

TEST_F(LineTest, AReplayIsOverWhenAllOfItIsFinished) {
  EXPECT_FALSE(line_.is_over({.examined = Offset{99}}));
  EXPECT_FALSE(line_.is_over({.examined = Offset{100}, .unfinished = 1}));
  EXPECT_TRUE(line_.is_over({.examined = Offset{100}}));
}

}  // namespace
}  // namespace daybook
