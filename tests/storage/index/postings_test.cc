#include "storage/index/postings.h"

#include <gtest/gtest.h>

#include "tests/storage/index/samples.h"

namespace daybook {
namespace {

using test::add_to;
using test::code_of;

TEST(Postings, OffsetsComeBack) {
  const Segment segment(Offset{1000});
  Places places;
  for (const std::uint32_t place : {0u, 1u, 2u, 500u, 65'535u}) places.push_back(place);
  auto offsets = decode_offsets(encode_places(segment, places));
  ASSERT_TRUE(offsets);
  EXPECT_EQ((std::vector<Offset>{{1000}, {1001}, {1002}, {1500}, {66'535}}), *offsets);
}

TEST(Postings, AnAggregateComesBackWithItsTimes) {
  Segment segment(Offset{10});
  add_to(segment, {.events = {{}, {.aggregate_id = "2"}, {}}}, 7);
  const AggregatePostings* postings = segment.aggregate(aggregate_term("thing", "1"));
  auto chunk = decode_aggregate(postings->first_sequence, encode(segment, *postings));
  ASSERT_TRUE(chunk);
  EXPECT_EQ(Offset{10}, *first_of_aggregate(encode(segment, *postings)));
  EXPECT_EQ(Sequence{7}, chunk->first_sequence);
  EXPECT_EQ(Sequence{8}, chunk->last_sequence());
  EXPECT_EQ((std::vector<Offset>{{10}, {12}}), chunk->offsets);
  EXPECT_EQ(Timestamp{10'000}, chunk->first_recorded_at);
  EXPECT_EQ(Timestamp{12'000}, chunk->last_recorded_at);
}

TEST(Postings, AKnownIdComesBack) {
  const KnownId known{.offset = Offset{77}, .digest = {1, ~std::uint64_t{0}}, .batch_index = 3};
  auto back = decode_known_id(encode(known));
  ASSERT_TRUE(back);
  EXPECT_EQ(known.offset, back->offset);
  EXPECT_EQ(known.digest, back->digest);
  EXPECT_EQ(known.batch_index, back->batch_index);
}

TEST(Postings, TruncatedOnesAreCorrupted) {
  Segment segment(Offset{10});
  add_to(segment, {.events = {{}, {}, {}}});
  const AggregatePostings& postings = segment.aggregates().front();
  const std::string offsets = encode_places(segment, postings.places);
  for (std::size_t size = 0; size < offsets.size(); ++size)
    EXPECT_EQ("corrupted", code_of(decode_offsets(offsets.substr(0, size))));
  const std::string aggregate = encode(segment, postings);
  for (std::size_t size = 0; size < aggregate.size(); ++size)
    EXPECT_EQ("corrupted", code_of(decode_aggregate({1}, aggregate.substr(0, size))));
  EXPECT_EQ("corrupted", code_of(first_of_aggregate(aggregate.substr(0, 9))));
  const std::string known = encode(KnownId{.offset = Offset{300}});
  for (std::size_t size = 0; size < known.size(); ++size)
    EXPECT_EQ("corrupted", code_of(decode_known_id(known.substr(0, size))));
  EXPECT_EQ("corrupted", code_of(decode_offsets(offsets + "x")));
  EXPECT_EQ("corrupted", code_of(decode_known_id(known + "x")));
}

TEST(Postings, ACountThatCannotBeTrueIsCorrupted) {
  EXPECT_EQ("corrupted", code_of(decode_offsets(std::string(1, '\0'))));
  EXPECT_EQ("corrupted", code_of(decode_offsets("\xff\xff\xff\xff\xff\xff\xff\x7f\x01")));
}

}  // namespace
}  // namespace daybook
