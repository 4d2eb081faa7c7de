// The queue of unsent frames: its bound, and what waits for it.
#include "protocol/ws/outbox.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

namespace daybook::ws {
namespace {

constexpr std::size_t kBytesMax = Outbox::answer_bytes + 100;

class OutboxTest : public ::testing::Test {
 protected:
  void push(std::string frame) {
    boost::asio::co_spawn(
        io_, box_.push(std::move(frame)),
        [this](const std::exception_ptr&, bool taken) { (taken ? taken_ : dropped_) += 1; });
    run();
  }
  void pop() {
    boost::asio::co_spawn(io_, box_.pop(),
                          [this](const std::exception_ptr&, std::optional<std::string> frame) {
                            if (frame)
                              popped_.push_back(std::move(*frame));
                            else
                              ended_ = true;
                          });
    run();
  }
  void run() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }

  boost::asio::io_context io_;
  Outbox box_{io_.get_executor(), kBytesMax};
  std::vector<std::string> popped_;
  int taken_ = 0;
  int dropped_ = 0;
  bool ended_ = false;
};

TEST_F(OutboxTest, GivesFramesOutInOrder) {
  push("a");
  push("b");
  pop();
  pop();
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), popped_);
}

TEST_F(OutboxTest, WhoeverPopsWaitsForAFrame) {
  pop();
  EXPECT_TRUE(popped_.empty());
  box_.put("a");
  run();
  EXPECT_EQ(1u, popped_.size());
}

TEST_F(OutboxTest, WhoeverPushesWaitsUntilAFrameWasSent) {
  push(std::string(kBytesMax, 'a'));
  push("b");
  EXPECT_EQ(1, taken_);
  pop();
  EXPECT_EQ(1, taken_) << "the first frame is still being sent";
  pop();
  EXPECT_EQ(2, taken_);
  EXPECT_EQ("b", popped_.back());
}

TEST_F(OutboxTest, AFrameLargerThanTheBoundPassesAlone) {
  push(std::string(2 * kBytesMax, 'a'));
  EXPECT_EQ(1, taken_);
  push("b");
  EXPECT_EQ(1, taken_);
}

TEST_F(OutboxTest, EventsLeaveRoomToAnswers) {
  box_.put(std::string(60, 'e'));
  EXPECT_TRUE(box_.has_room_for_events(40));
  EXPECT_FALSE(box_.has_room_for_events(41));
  push(std::string(1000, 'a'));
  EXPECT_EQ(1, taken_);
}

TEST_F(OutboxTest, RoomIsToldWhenAFrameWasSent) {
  int told = 0;
  box_.on_room([&told] { ++told; });
  box_.put("a");
  box_.put("b");
  pop();
  EXPECT_EQ(0, told);
  pop();
  EXPECT_EQ(1, told);
}

TEST_F(OutboxTest, WhatWasQueuedBeforeTheEndIsStillGivenOut) {
  push("a");
  box_.close_with("last");
  push("late");
  EXPECT_EQ(1, dropped_);
  pop();
  pop();
  pop();
  EXPECT_EQ((std::vector<std::string>{"a", "last"}), popped_);
  EXPECT_TRUE(ended_);
}

TEST_F(OutboxTest, DiscardingEndsWhoeverWaits) {
  push(std::string(kBytesMax, 'a'));
  push("b");
  box_.discard();
  run();
  EXPECT_EQ(1, dropped_);
  pop();
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(popped_.empty());
}

}  // namespace
}  // namespace daybook::ws
