// Segments filled with events in a line, for tests of what is built from them.
#pragma once

#include <memory>
#include <vector>

#include "storage/index/segment.h"
#include "tests/storage/samples.h"

namespace daybook::test {

// Adds the request's events; sequences count per aggregate, from the segment's own on.
inline void add_to(Segment& segment, const Request& request, std::uint64_t first_sequence = 1) {
  const Append append = append_of(request);
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const Draft& draft = append.events[i];
    const auto* known = segment.aggregate(aggregate_term(draft.aggregate_type, draft.aggregate_id));
    const Sequence sequence = known ? known->last_sequence() + 1 : Sequence{first_sequence};
    const Offset offset = segment.last() + 1;
    segment.add(append, draft,
                {.offset = offset,
                 .sequence = sequence,
                 .recorded_at = {static_cast<std::int64_t>(offset.value) * 1000},
                 .batch_index = static_cast<std::uint32_t>(i)});
  }
}

}  // namespace daybook::test
