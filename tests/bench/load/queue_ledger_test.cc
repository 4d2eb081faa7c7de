// The ledger of a queue's members: what a run must not overlook.
#include "bench/load/queue_ledger.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace daybook::load {
namespace {

std::string event(std::uint64_t offset, std::string_view aggregate, std::uint64_t sequence,
                  std::uint64_t attempt = 1) {
  return R"({"offset":)" + std::to_string(offset) + R"(,"id":"x","aggregate_type":"task",)" +
         R"("aggregate_id":")" + std::string(aggregate) + R"(","sequence":)" +
         std::to_string(sequence) + R"(,"payload":{"note":"n"},"attempt":)" +
         std::to_string(attempt) + "}";
}

std::string frame(const std::string& events) {
  return R"({"op":"events","sub":"q","events":[)" + events + "]}";
}

TEST(QueueLedger, NamesEveryLeaseOfAFrame) {
  QueueLedger ledger(true);
  const Leases leases =
      ledger.take(frame(event(7, "a", 1) + "," + event(9, "b", 4, 12) + "," + event(10, "a", 2)));
  EXPECT_EQ(3U, leases.count);
  EXPECT_EQ("7,9,10", leases.offsets);
  EXPECT_EQ("1,12,1", leases.attempts);
  EXPECT_EQ(3U, ledger.taken());
  EXPECT_EQ(0U, ledger.finished());
}

TEST(QueueLedger, RefusesAnEventThatComesAgain) {
  QueueLedger ledger(false);
  ledger.take(frame(event(7, "a", 1)));
  EXPECT_NO_THROW(ledger.take(frame(event(8, "a", 2))));
  EXPECT_THROW(ledger.take(frame(event(7, "a", 1, 2))), std::runtime_error);
}

TEST(QueueLedger, RefusesAnAggregateThatGoesBack) {
  QueueLedger ordered(true);
  QueueLedger any(false);
  for (QueueLedger* ledger : {&ordered, &any}) {
    ledger->take(frame(event(9, "a", 3)));
    EXPECT_NO_THROW(ledger->take(frame(event(5, "b", 2))));
  }
  EXPECT_NO_THROW(any.take(frame(event(8, "a", 2))));
  EXPECT_THROW(ordered.take(frame(event(8, "a", 2))), std::runtime_error);
}

TEST(QueueLedger, RefusesAnEventWithoutItsAttempt) {
  QueueLedger ledger(false);
  EXPECT_THROW(ledger.take(frame(R"({"offset":7,"payload":{}})")), std::runtime_error);
}

}  // namespace
}  // namespace daybook::load
