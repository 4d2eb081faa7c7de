// The row of a dead letter: its own copy of the event, and what went wrong. Drawn in
// storage/FORMAT.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/result.h"
#include "storage/book/block.h"
#include "storage/model/event.h"
#include "storage/model/queue.h"

namespace daybook {

struct DeadLetter {
  std::shared_ptr<const Block> copy;  // a block of this one event
  DeadLetterFacts facts;
};

std::string encode_dead_letter(const EventView& event, const DeadLetterFacts& facts);
Result<DeadLetter> decode_dead_letter(std::string_view bytes);

// Of an event that died again: its history goes on.
DeadLetterFacts join(DeadLetterFacts before, const DeadLetterFacts& again);

}  // namespace daybook
