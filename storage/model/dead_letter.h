// What is asked about the dead letters of a queue, and what comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/base/ids.h"
#include "storage/model/filter.h"
#include "storage/model/query.h"
#include "storage/model/queue.h"

namespace daybook {

struct DeadLetterPage {
  struct Facts : DeadLetterFacts {
    bool retrying = false;   // it is back in the queue, and not finished
    std::uint64_t held = 0;  // later events of its aggregate that are set aside behind it
  };
  Page events;
  std::vector<Facts> facts;  // one for each event
};

// What a dead letter command is about.
using DeadLetterChoice = std::variant<std::vector<Offset>, Filter>;

struct DeadLetterChange {
  std::string queue;
  DeadLetterChoice choice;
  Offset after;  // offsets greater than this
};

// How many were retried or discarded, and where to go on: a filter is applied in bounded steps,
// and a queue takes no more back than it has room for.
struct DeadLettersChanged {
  std::uint64_t count = 0;
  std::vector<Offset> refused;  // named, and not a dead letter now
  std::optional<Offset> next;
};

}  // namespace daybook
