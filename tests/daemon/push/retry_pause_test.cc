#include "daemon/push/retry_pause.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

using std::chrono::seconds;

TEST(RetryPause, DoublesUntilARunLastedLongerThanAnyPause) {
  RetryPause pause;
  for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60})
    EXPECT_EQ(seconds(expected), pause.after(seconds(60)));
  EXPECT_EQ(seconds(1), pause.after(seconds(61)));
  EXPECT_EQ(seconds(2), pause.after(seconds(0)));
}

}  // namespace
}  // namespace daybook
