// Random scripts for the core of a subscription, against a log that is a list of matches. Whatever
// happens in whatever order, a client that believes its frames misses nothing and gets nothing
// twice. DAYBOOK_SEED replays one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "protocol/ws/subscription.h"

namespace daybook::ws {
namespace {

using namespace std::chrono_literals;

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), core_({Offset{0}, 0, now_}) {}

  void step() {
    switch (random(6)) {
      case 0: commit(1 + random(5)); break;
      case 1: commit(random(2) == 0 ? 8'000 : 1); break;
      case 2: credit(random(20)); break;
      case 3: now_ += std::chrono::milliseconds(random(3'000)); break;
      case 4: room_ = random(4) != 0; break;
      default: break;
    }
    for (int i = 0; i < 50 && act(); ++i) {
    }
  }

  // Gives credits and room until nothing is left to do.
  void drain() {
    room_ = true;
    core_.credit(matches_.size() + 1);
    for (int i = 0; i < 100'000; ++i) {
      if (!act()) now_ += 5ms;
      if (delivered_ == matches_.size() && core_.position() == head_) break;
    }
    EXPECT_EQ(matches_.size(), delivered_);
    EXPECT_EQ(head_, core_.position());
  }

 private:
  std::uint64_t random(std::uint64_t below) { return random_() % below; }

  void commit(std::uint64_t events) {
    for (std::uint64_t i = 0; i < events; ++i) {
      head_ = head_ + 1;
      if (random(events > 100 ? 500 : 3) == 0) matches_.push_back(head_);
    }
  }

  void credit(std::uint64_t events) {
    credits_ += events;
    core_.credit(events);
  }

  // Carries out one action; false where the core waits.
  bool act() {
    const Action action = core_.next({.head = head_, .now = now_, .room = room_});
    if (std::holds_alternative<Wait>(action)) return false;
    EXPECT_TRUE(room_);
    if (const auto* read = std::get_if<ReadPage>(&action)) this->read(*read);
    if (const auto* look = std::get_if<Peek>(&action)) peek(*look);
    if (std::holds_alternative<SendEvents>(action)) send();
    if (const auto* checkpoint = std::get_if<SendCheckpoint>(&action)) told(checkpoint->offset);
    if (const auto* caught_up = std::get_if<SendCaughtUp>(&action)) {
      EXPECT_FALSE(live_);
      live_ = true;
      told(caught_up->offset);
    }
    if (const auto* behind = std::get_if<SendFellBehind>(&action)) {
      EXPECT_TRUE(live_);
      live_ = false;
      told(behind->offset);
    }
    return true;
  }

  void read(const ReadPage& read) {
    page_.clear();
    // A page may be cut short anywhere.
    const Offset cut = random(2) == 0 ? head_ : std::min(head_, read.after + 1 + random(4'000));
    Offset examined = cut;
    for (const Offset match : matches_) {
      if (match <= read.after || match > cut) continue;
      page_.push_back(match);
      if (page_.size() < read.limit) continue;
      examined = match;
      break;
    }
    core_.page_read(
        {.events = page_.size(), .examined = examined, .head = head_, .end = examined == head_},
        now_);
  }

  void peek(const Peek& peek) {
    const auto match = std::upper_bound(matches_.begin(), matches_.end(), peek.after);
    if (match == matches_.end())
      core_.peeked(std::nullopt, {.examined = head_, .head = head_, .end = true}, now_);
    else
      core_.peeked(*match, {.events = 1, .examined = *match, .head = head_}, now_);
  }

  void send() {
    ASSERT_FALSE(page_.empty());
    const std::size_t count = 1 + random(page_.size());
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_LT(delivered_, matches_.size());
      EXPECT_EQ(matches_[delivered_++], page_[i]);
      told_ = page_[i];
    }
    core_.events_sent(count, page_[count - 1]);
    page_.erase(page_.begin(), page_.begin() + static_cast<std::ptrdiff_t>(count));
    EXPECT_EQ(core_.unsent(), page_.size());
  }

  // A client may start anew from here: everything that matches up to it must have been sent.
  void told(Offset offset) {
    EXPECT_GE(offset, told_);
    EXPECT_LE(offset, head_);
    const bool more = delivered_ < matches_.size();
    EXPECT_TRUE(!more || offset < matches_[delivered_]);
    told_ = offset;
  }

  std::mt19937_64 random_;
  Moment now_ = Moment{} + 1h;
  Offset head_;
  std::vector<Offset> matches_;
  std::vector<Offset> page_;
  std::uint64_t credits_ = 0;
  std::size_t delivered_ = 0;
  Offset told_;
  bool live_ = false;
  bool room_ = true;
  SubscriberCore core_;
};

TEST(SubscriberCoreAtRandom, NothingIsMissedAndNothingComesTwice) {
  const char* given = std::getenv("DAYBOOK_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  for (std::uint64_t seed = first; seed < first + (given != nullptr ? 1 : 40); ++seed) {
    SCOPED_TRACE("DAYBOOK_SEED=" + std::to_string(seed));
    World world(seed);
    for (int i = 0; i < 300; ++i) world.step();
    world.drain();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace daybook::ws
