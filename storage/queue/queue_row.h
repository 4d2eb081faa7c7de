// The bytes of a queue's rows; drawn in storage/FORMAT.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/base/result.h"
#include "storage/queue/entry.h"
#include "storage/queue/set_aside.h"

namespace daybook::queue {

// What became of an event that is not finished.
struct EntryRow {
  Offset offset;
  LaneKey lane = 0;
  EntryState state = EntryState::waiting;
  bool again = false;
  bool was_dead = false;
  Attempt attempts = 0;
  std::uint32_t failed = 0;
  std::vector<FailedAttempt> failures;
  std::uint32_t member = 0;  // leased: its index in `Row::members`
  Timestamp due;             // waiting: not before; 0: at once
};

struct HeldRow {
  LaneKey lane = 0;
  bool gone = false;
  Held held;  // unless it is gone
};

// A snapshot has every entry and record; a row of changes those that changed, and what is finished.
struct Row {
  bool is_snapshot = false;
  std::uint64_t number = 0;  // each row has one more than the row before
  Offset delivered_to;       // up to here, what has no entry is finished; above, nothing is
  Attempt attempt_max = 0;   // the highest ever given
  Attempt attempt_base = 0;  // a first delivery has one more
  std::uint64_t dead_letters = 0;
  std::uint64_t acked = 0;
  std::uint64_t skipped = 0;
  std::vector<std::string> members;
  std::vector<EntryRow> entries;  // ascending
  std::vector<Offset> finished;   // ascending
  std::vector<HeldRow> held;
};

std::string encode(const Row& row);
Result<Row> decode_queue_row(std::string_view bytes);

}  // namespace daybook::queue
