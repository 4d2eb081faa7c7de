#include "storage/index/postings.h"

#include "storage/base/bytes.h"

namespace daybook {
namespace {

Error damaged() {
  return {Errc::corrupted, "index/: a posting list is damaged"};
}

Result<std::vector<Offset>> read_offsets(ByteReader& in) {
  const std::uint64_t count = in.varint();
  if (count == 0 || count > in.left()) return damaged();
  std::vector<Offset> offsets;
  offsets.reserve(count);
  Offset last;
  for (std::uint64_t i = 0; i < count; ++i) {
    last = last + in.varint();
    offsets.push_back(last);
  }
  if (!in.ok() || !in.at_end()) return damaged();
  return offsets;
}

void append_places(std::string& out, const Segment& segment, const Places& places) {
  append_varint(out, places.size());
  Offset last;
  for (const std::uint32_t place : places) {
    const Offset offset = segment.first() + place;
    append_varint(out, offset - last);
    last = offset;
  }
}

}  // namespace

std::string encode_places(const Segment& segment, const Places& places) {
  std::string out;
  append_places(out, segment, places);
  return out;
}

std::string encode(const Segment& segment, const AggregatePostings& postings) {
  std::string out;
  append_little(out, postings.first_recorded_at.micros);
  append_varint(out, static_cast<std::uint64_t>(postings.last_recorded_at.micros -
                                                postings.first_recorded_at.micros));
  append_places(out, segment, postings.places);
  return out;
}

std::string encode(const KnownId& known) {
  std::string out;
  append_little(out, known.digest.low);
  append_little(out, known.digest.high);
  append_varint(out, known.offset.value);
  append_varint(out, known.batch_index);
  return out;
}

Result<std::vector<Offset>> decode_offsets(std::string_view value) {
  ByteReader in(value);
  return read_offsets(in);
}

Result<AggregateChunk> decode_aggregate(Sequence first_sequence, std::string_view value) {
  ByteReader in(value);
  AggregateChunk chunk{.first_sequence = first_sequence};
  chunk.first_recorded_at = {in.little<std::int64_t>()};
  // Damaged bytes may ask for any sum: it wraps.
  chunk.last_recorded_at = {static_cast<std::int64_t>(
      static_cast<std::uint64_t>(chunk.first_recorded_at.micros) + in.varint())};
  auto offsets = read_offsets(in);
  if (!offsets) return offsets.error();
  chunk.offsets = std::move(*offsets);
  return chunk;
}

Result<Offset> first_of_aggregate(std::string_view value) {
  ByteReader in(value);
  in.little<std::int64_t>();
  in.varint();
  const std::uint64_t count = in.varint();
  const Offset first{in.varint()};
  if (!in.ok() || count == 0) return damaged();
  return first;
}

Result<KnownId> decode_known_id(std::string_view value) {
  ByteReader in(value);
  KnownId known;
  known.digest.low = in.little<std::uint64_t>();
  known.digest.high = in.little<std::uint64_t>();
  known.offset = {in.varint()};
  known.batch_index = static_cast<std::uint32_t>(in.varint());
  if (!in.ok() || !in.at_end()) return damaged();
  return known;
}

}  // namespace daybook
