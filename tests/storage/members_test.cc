#include "storage/members.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Standing = Members::Standing;
constexpr milliseconds kTimeout{30'000};

class MembersTest : public testing::Test {
 protected:
  Standing join(const std::string& member) {
    const Standing standing = members_.join(member, active_, kTimeout, now_);
    if (standing == Standing::take_over) active_ = member;  // The take succeeded.
    return standing;
  }
  bool heartbeat(const std::string& member) {
    return members_.heartbeat(member, active_, kTimeout, now_);
  }
  std::vector<std::string> list() const { return members_.list(active_, kTimeout, now_); }

  Members::Moment now_{seconds(1000)};
  Members members_{now_};
  std::string active_;
};

TEST_F(MembersTest, TheFirstTakesOverAndOthersStandBy) {
  EXPECT_EQ(Standing::take_over, join("a"));
  EXPECT_EQ(Standing::active, join("a"));
  EXPECT_EQ(Standing::standby, join("b"));
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), list());
}

TEST_F(MembersTest, WhileOneTakesOverNobodyElseDoes) {
  EXPECT_EQ(Standing::take_over, members_.join("a", "", kTimeout, now_));
  EXPECT_EQ(Standing::standby, members_.join("b", "", kTimeout, now_));
}

TEST_F(MembersTest, AFailedTakeLetsOthersTry) {
  EXPECT_EQ(Standing::take_over, members_.join("a", "", kTimeout, now_));
  members_.take_failed("a");
  EXPECT_EQ(Standing::take_over, members_.join("b", "", kTimeout, now_));
}

TEST_F(MembersTest, ATakeThatIsNeverHeardOfAgainTimesOut) {
  EXPECT_EQ(Standing::take_over, members_.join("a", "", kTimeout, now_));
  EXPECT_EQ(Standing::take_over, members_.join("b", "", kTimeout, now_ + kTimeout));
}

TEST_F(MembersTest, OneThatTimesOutIsReplaced) {
  join("a");
  join("b");
  now_ += kTimeout;
  EXPECT_EQ(Standing::take_over, join("b"));
  EXPECT_EQ((std::vector<std::string>{"b"}), list());
}

TEST_F(MembersTest, AHeartbeatKeepsTheActiveOne) {
  join("a");
  now_ += kTimeout / 2;
  EXPECT_TRUE(heartbeat("a"));
  now_ += kTimeout / 2;
  EXPECT_EQ(Standing::standby, join("b"));
}

TEST_F(MembersTest, AHeartbeatOfNobodyIsRefused) {
  EXPECT_FALSE(heartbeat("a"));
  join("a");
  now_ += kTimeout;
  EXPECT_FALSE(heartbeat("a"));
}

TEST_F(MembersTest, OneThatLeavesIsReplacedAtOnce) {
  join("a");
  EXPECT_TRUE(members_.leave("a", active_, now_));
  EXPECT_EQ((std::vector<std::string>{}), list());
  EXPECT_FALSE(heartbeat("a"));
  EXPECT_EQ(Standing::take_over, join("b"));
  EXPECT_FALSE(members_.leave("nobody", active_, now_));
}

TEST_F(MembersTest, OneThatLeftMayComeBack) {
  join("a");
  members_.leave("a", active_, now_);
  EXPECT_EQ(Standing::active, join("a"));
  EXPECT_EQ(Standing::standby, join("b"));
}

TEST_F(MembersTest, AfterARestartTheActiveOneHasItsTimeoutToComeBack) {
  active_ = "before";
  EXPECT_EQ((std::vector<std::string>{"before"}), list());
  EXPECT_EQ(Standing::standby, join("b"));
  now_ += kTimeout;
  EXPECT_EQ(Standing::take_over, join("b"));
}

}  // namespace
}  // namespace daybook
