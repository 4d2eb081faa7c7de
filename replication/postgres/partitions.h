// The months that a table of events is parted into, by `recorded_at` in UTC: `events_g1_2026_11`.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <compare>
#include <span>
#include <string>
#include <vector>

#include "replication/postgres/connection.h"
#include "storage/model/event.h"

namespace daybook::postgres {

struct Month {
  int year = 0;
  unsigned month = 1;  // from 1
  friend auto operator<=>(const Month&, const Month&) = default;
};

Month month_of(Timestamp time);
Month month_after(Month month);

// Those that the events are in, and the two after the last, which are made ahead of need. The
// events are in the order of the log, so their times never fall.
std::vector<Month> months_of(std::span<const EventView> events);

// In a transaction. Makes those partitions of `table` ("daybook.events_g1") that are not there;
// readers of the table are not held up. What is there is asked anew each time, because it may have
// been dropped. 42P01 where the table itself is gone; 42P07 where a partition was detached and
// still has its name.
boost::asio::awaitable<SqlResult<void>> make_partitions(Connection& connection, std::string table,
                                                        std::vector<Month> months);

}  // namespace daybook::postgres
