#include "storage/index/segment.h"

#include <gtest/gtest.h>

#include <set>

#include "storage/index/index.h"
#include "tests/storage/index/samples.h"

namespace daybook {
namespace {

using test::add_to;
using test::Request;

std::vector<std::uint32_t> places_of(const Segment& segment, TermKind kind, std::string_view name) {
  const TermPostings* found = segment.find(term(kind, name));
  if (!found) return {};
  return {found->places.begin(), found->places.end()};
}

Request sample() {
  return {.events = {
              {.event_type = "a", .correlation_id = "c", .tags = {"red", "blue"}},
              {.event_type = "b", .aggregate_id = "2", .id = "mine", .causation_id = "d"},
              {.event_type = "a", .aggregate_type = "other", .tags = {"red"}},
          }};
}

TEST(Segment, PostsEveryTermOfAnEvent) {
  Segment segment(Offset{5});
  add_to(segment, sample());
  using Places = std::vector<std::uint32_t>;
  EXPECT_EQ((Places{0, 2}), places_of(segment, TermKind::event_type, "a"));
  EXPECT_EQ((Places{0, 1}), places_of(segment, TermKind::aggregate_type, "thing"));
  EXPECT_EQ((Places{0, 2}), places_of(segment, TermKind::tag, "red"));
  EXPECT_EQ((Places{0}), places_of(segment, TermKind::correlation, "c"));
  EXPECT_EQ((Places{1}), places_of(segment, TermKind::causation, "d"));
  EXPECT_EQ((Places{}), places_of(segment, TermKind::correlation, ""));
  EXPECT_EQ((Places{}), places_of(segment, TermKind::tag, "a"));
  EXPECT_EQ(2u, segment.aggregates_with_id("1").size());
  EXPECT_EQ(1u, segment.aggregates_with_id("2").size());
  EXPECT_TRUE(segment.aggregates_with_id("").empty());
  ASSERT_NE(nullptr, segment.id(id_term("", "mine")));
  EXPECT_EQ(Offset{6}, segment.id(id_term("", "mine"))->offset);
  EXPECT_EQ(nullptr, segment.id(id_term("x", "mine")));
}

// At a start the same postings must come out of the blocks.
TEST(Segment, FromBlocksIsTheSameAsFromDrafts) {
  const Request request = sample();
  const Append append = append_of(request);
  Segment written(Offset{5});
  BlockBuilder builder;
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const Placed placed{.offset = Offset{5 + i},
                        .sequence = {1},
                        .recorded_at = {7},
                        .batch_index = static_cast<std::uint32_t>(i)};
    written.add(append, append.events[i], placed);
    builder.add(append, append.events[i], placed);
  }
  const auto block = Block::trust(builder.finish());
  Segment loaded(Offset{5});
  for (std::uint64_t i = 5; i < 8; ++i) loaded.add(*block->event(Offset{i}));
  const auto ours = chunks_of(written, LogId{1});
  const auto theirs = chunks_of(loaded, LogId{1});
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t column = 0; column < ours.size(); ++column) {
    ASSERT_EQ(ours[column].entries.size(), theirs[column].entries.size());
    for (std::size_t i = 0; i < ours[column].entries.size(); ++i) {
      EXPECT_EQ(ours[column].entries[i].key, theirs[column].entries[i].key);
      EXPECT_EQ(ours[column].entries[i].value, theirs[column].entries[i].value);
    }
  }
}

TEST(Segment, ItsChunkIsStrictlySorted) {
  Segment segment(Offset{1});
  for (int i = 0; i < 40; ++i) {
    Request request = sample();
    request.events[1].id = "mine-" + std::to_string(i);
    request.events[0].aggregate_id = std::to_string(i);
    add_to(segment, request);
  }
  for (const engine::SortedChunk& chunk : chunks_of(segment, LogId{1}))
    for (std::size_t i = 1; i < chunk.entries.size(); ++i)
      EXPECT_LT(chunk.entries[i - 1].key, chunk.entries[i].key);
}

TEST(Segment, AnAggregateIsListedWithItsFirstEventAlone) {
  const auto listed = [](std::uint64_t first_sequence) {
    Segment segment(Offset{1});
    add_to(segment, {.events = {{}, {}}}, first_sequence);
    std::size_t count = 0;
    const auto chunks = chunks_of(segment, LogId{1});
    for (const engine::Entry& entry : chunks[0].entries)
      count += entry.key[4] == static_cast<char>(TermKind::listed) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(1u, listed(1));
  EXPECT_EQ(0u, listed(2));
}

TEST(Segment, IsFullOnceItHasItsEvents) {
  Segment segment(Offset{1}, 6);
  add_to(segment, {.events = {{}, {}, {}, {}, {}}});
  EXPECT_FALSE(segment.full());
  add_to(segment, {.events = {{}}});
  EXPECT_TRUE(segment.full());
  EXPECT_EQ(Offset{6}, segment.last());
}

TEST(Segment, AnEmptyOneEndsBeforeItBegins) {
  const Segment segment(Offset{9});
  EXPECT_EQ(Offset{8}, segment.last());
  EXPECT_EQ(nullptr, segment.block_at(Offset{9}));
}

}  // namespace
}  // namespace daybook
