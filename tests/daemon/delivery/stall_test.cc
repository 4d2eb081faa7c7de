// Members that wait too long although something is left.
#include "tests/daemon/delivery/delivery_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::seconds;

class StallTest : public DeliveryTest {
 protected:
  StallTest() {
    stop();
    stall_after_ = seconds(1);
    start();
  }
  std::optional<Idle> stalled() const {
    const auto shown = dispatcher_->find("work");
    return shown ? shown->stalled : std::nullopt;
  }
};

TEST_F(StallTest, IsToldWithItsReasonAndOverWithTheNextDelivery) {
  put_group("work");
  append_each("aa");
  EXPECT_EQ("1", fetched("work", "m", 1, seconds(50)));
  Fetched waits = fetch_later("work", "n");
  eventually([&] { return stalled() == Idle::aggregates_busy; }, "it is shown");
  EXPECT_EQ(1u, dispatcher_->counts().stalls[static_cast<int>(Idle::aggregates_busy)].load());
  EXPECT_EQ("", ack("work", "m", {1}));
  EXPECT_EQ("2", describe(wait_for(std::move(waits))));
  eventually([&] { return !stalled(); }, "it is over");
}

TEST_F(StallTest, IsNoneWhileNothingIsLeft) {
  put_group("work");
  Fetched waits = fetch_later("work", "m", 1, seconds(3));
  EXPECT_EQ("", describe(wait_for(std::move(waits))));
  for (const auto& count : dispatcher_->counts().stalls) EXPECT_EQ(0u, count.load());
}

}  // namespace
}  // namespace daybook::test
