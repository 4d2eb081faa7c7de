// How a filter is answered: by the union of which posting lists, the rest being tested event by
// event.
#pragma once

#include <string>
#include <vector>

#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/model/filter.h"

namespace daybook {

struct Plan {
  std::string index = "log";       // for `explain`
  std::vector<std::string> terms;  // empty with "log": every event is a candidate
  bool reads_whole_log() const { return index == "log"; }
};

// Picks what is narrowest by its nature: one aggregate, an id of correlation or causation, a tag,
// event types, an aggregate type; else the whole log.
// `index` is nullptr where the window covers all that is asked: then nothing waits for the disk.
Result<Plan> plan_for(const Filter& filter, const Index* index, const WindowView& window);

}  // namespace daybook
