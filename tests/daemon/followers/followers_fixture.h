// What followers are given of the daemon, over a real store.
#pragma once

#include "daemon/backend/store_groups.h"
#include "tests/daemon/delivery/delivery_fixture.h"

namespace daybook::test {

class FollowersTest : public DeliveryTest {
 protected:
  FollowersTest() { open_ports(); }

  void restart() {
    DeliveryTest::restart();
    open_ports();
  }

  std::unique_ptr<StoreLog> log_;
  std::unique_ptr<StoreGroups> groups_;

 private:
  void open_ports() {
    log_ = std::make_unique<StoreLog>(*store_, *writer_, *readers_, *dispatcher_,
                                      [] { return std::optional<Error>(); });
    groups_ = std::make_unique<StoreGroups>(
        *store_, *writer_, *readers_, *dispatcher_,
        StoreGroups::Others{.refusal = [](const GroupSettings&) { return std::optional<Error>(); },
                            .changed = [] {}});
  }
};

}  // namespace daybook::test
