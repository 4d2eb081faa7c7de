#include "daemon/delivery/attendance.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

TEST(Attendance, AMemberIsLostWithItsLastConnection) {
  Attendance attendance;
  attendance.arrive("m");
  attendance.arrive("m");
  EXPECT_FALSE(attendance.depart("m"));
  EXPECT_TRUE(attendance.depart("m"));
  EXPECT_FALSE(attendance.depart("m"));
  EXPECT_TRUE(attendance.empty());
}

TEST(Attendance, WhoIsNotHeardOfIsForgotten) {
  Attendance attendance;
  const Moment begin{};
  attendance.hear("a", begin);
  attendance.hear("b", begin);
  attendance.arrive("c");
  EXPECT_TRUE(attendance.heartbeat("b", begin + seconds(2)));
  EXPECT_TRUE(attendance.heartbeat("c", begin + seconds(2)));
  EXPECT_FALSE(attendance.heartbeat("d", begin + seconds(2)));
  EXPECT_EQ(Names{"a"}, attendance.forget_silent(begin + seconds(1)));
  EXPECT_EQ((Names{"b", "c"}), attendance.shown().members);
}

TEST(Attendance, AMemberWithAConnectionStaysWhenItIsSilent) {
  Attendance attendance;
  attendance.hear("m", Moment{});
  attendance.arrive("m");
  EXPECT_EQ(Names{}, attendance.forget_silent(Moment{} + seconds(1)));
  EXPECT_EQ(Names{"m"}, attendance.shown().members);
}

TEST(Attendance, WhoLeavesIsGoneButForItsConnections) {
  Attendance attendance;
  attendance.hear("m", Moment{});
  EXPECT_TRUE(attendance.leave("m"));
  EXPECT_FALSE(attendance.leave("m"));
  EXPECT_TRUE(attendance.empty());
}

}  // namespace
}  // namespace daybook
