// The bytes of posting lists in the index; drawn in storage/FORMAT.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/result.h"
#include "storage/base/time.h"
#include "storage/index/segment.h"

namespace daybook {

// One chunk's postings of one aggregate.
struct AggregateChunk {
  Sequence first_sequence;
  Timestamp first_recorded_at;
  Timestamp last_recorded_at;
  std::vector<Offset> offsets;  // of first_sequence and those that follow
  Sequence last_sequence() const { return first_sequence + (offsets.size() - 1); }
};

std::string encode_places(const Segment& segment, const Places& places);
std::string encode(const Segment& segment, const AggregatePostings& postings);
std::string encode(const KnownId& known);

Result<std::vector<Offset>> decode_offsets(std::string_view value);
Result<AggregateChunk> decode_aggregate(Sequence first_sequence, std::string_view value);
// The first offset of what `decode_aggregate` decodes.
Result<Offset> first_of_aggregate(std::string_view value);
Result<KnownId> decode_known_id(std::string_view value);

}  // namespace daybook
