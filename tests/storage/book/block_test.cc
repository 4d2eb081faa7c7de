#include "storage/book/block.h"

#include <gtest/gtest.h>

#include "storage/base/bytes.h"
#include "storage/book/block_layout.h"
#include "tests/storage/book/reseal.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::append_of;
using test::code_of;
using test::describe;
using test::Event;
using test::Request;
using test::reseal;

Request sample_request() {
  Request request{.id_space = "legacy", .principal = "someone"};
  Event plain;
  plain.payload = R"({"big":123456789012345678901234567890,"x":1.0})";
  Event full;
  full.event_type = "order.paid";
  full.aggregate_type = "order";
  full.aggregate_id = std::string(255, 'a');
  full.id = "chosen";
  full.schema_version = "\"2.0\"";
  full.correlation_id = "c";
  full.causation_id = "d";
  full.payload = "null";
  full.metadata = R"({"k":"\ud800"})";
  full.occurred_at = Timestamp{-62'167'219'200'000'000};  // 0000-01-01
  full.tags = {"red", "order.paid", "c"};
  request.events = {plain, full, plain};
  return request;
}

// Encodes the request's events, the first at offset 41.
std::string encode(const Request& request, std::size_t* bytes_told = nullptr) {
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    Placed placed{.offset = Offset{41 + i},
                  .sequence = {i + 7},
                  .recorded_at = {1'000'000 + static_cast<std::int64_t>(i)},
                  .batch_index = static_cast<std::uint32_t>(i)};
    placed.server_id.fill(static_cast<std::uint8_t>(i));
    builder.add(append, append.events[i], placed);
  }
  if (bytes_told) *bytes_told = builder.bytes();
  return builder.finish();
}

TEST(Block, EventsComeBackWhole) {
  const Request request = sample_request();
  const Append append = append_of(request);
  auto block = Block::open(encode(request));
  ASSERT_TRUE(block) << block.error().detail;
  EXPECT_EQ(Offset{41}, (*block)->first());
  EXPECT_EQ(Offset{43}, (*block)->last());
  EXPECT_EQ(Timestamp{1'000'000}, (*block)->first_recorded_at());
  auto event = (*block)->event(Offset{42});
  ASSERT_TRUE(event) << event.error().detail;
  EventView expected;
  const Draft& draft = append.events[1];
  expected.offset = Offset{42};
  expected.sequence = {8};
  expected.id_space = "legacy";
  expected.id.text = "chosen";
  expected.aggregate_type = draft.aggregate_type;
  expected.aggregate_id = draft.aggregate_id;
  expected.event_type = draft.event_type;
  expected.schema_version = draft.schema_version;
  expected.correlation_id = "c";
  expected.causation_id = "d";
  expected.payload = draft.payload;
  expected.metadata = draft.metadata;
  expected.principal = "someone";
  expected.occurred_at = *draft.occurred_at;
  expected.recorded_at = Timestamp{1'000'001};
  expected.digest = draft.digest;
  expected.batch_index = 1;
  expected.tags = draft.tags;
  EXPECT_EQ(describe(expected), describe(*event));
}

TEST(Block, AnEventWithoutIdHasTheServers) {
  auto block = Block::open(encode(sample_request()));
  auto event = (*block)->event(Offset{43});
  EXPECT_TRUE(event->id.server_made());
  EXPECT_EQ("02020202-0202-0202-0202-020202020202", event->id.to_string());
  EXPECT_EQ(event->recorded_at, event->occurred_at);
}

TEST(Block, RepeatedStringsAreKeptOnce) {
  Request request;
  request.events.assign(100, Event{.event_type = std::string(200, 'x')});
  EXPECT_LT(encode(request).size(), 100u * 100);
}

TEST(Block, TheBuilderKnowsItsSize) {
  std::size_t told = 0;
  const std::string block = encode(sample_request(), &told);
  EXPECT_EQ(block.size(), told);
}

TEST(Block, ABuilderIsEmptyAfterwards) {
  const Request request = sample_request();
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::uint64_t i = 1; i < 4; ++i) {
    builder.add(append, append.events[1], {.offset = Offset{i}, .sequence = {1}});
    const auto block = Block::trust(builder.finish());
    EXPECT_TRUE(builder.empty());
    EXPECT_EQ(Offset{i}, block->first());
    EXPECT_EQ(1u, block->count());
    EXPECT_EQ("order.paid", block->event(Offset{i})->event_type);
  }
}

TEST(Block, TellsItsRangeFromItsHeader) {
  const auto range = block_range("", encode(sample_request()));
  EXPECT_EQ(std::pair(std::uint64_t{41}, std::uint32_t{3}), range);
  EXPECT_EQ(std::nullopt, block_range("", std::string(layout::kHeaderBytes, 'x')));
  EXPECT_EQ(std::nullopt, block_range("", "short"));
}

TEST(Block, AFlippedBitAnywhereIsCorrupted) {
  const std::string whole = encode(sample_request());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 7}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      EXPECT_EQ("corrupted", code_of(Block::open(damaged))) << "byte " << at;
    }
  }
}

TEST(Block, ATruncatedOneIsCorrupted) {
  const std::string whole = encode(sample_request());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ("corrupted", code_of(Block::open(whole.substr(0, size)))) << size << " bytes";
  EXPECT_EQ("corrupted", code_of(Block::open(whole + '\0')));
}

// Bytes that were wrong before they were sealed: a decoder must stay within them all the same.
TEST(Block, DamageUnderARightChecksumIsAnErrorOrAnEvent) {
  const std::string whole = encode(sample_request());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\0', '\x01', '\x7f', '\x80', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      auto block = Block::open(reseal(std::move(damaged)));
      if (!block) {
        EXPECT_EQ(Errc::corrupted, block.error().code);
        ++refused;
        continue;
      }
      const std::uint32_t looked_at = std::min<std::uint32_t>((*block)->count(), 4);
      for (std::uint32_t i = 0; i < looked_at; ++i) {
        auto event = (*block)->event((*block)->first() + i);
        refused += event ? 0 : 1;
        if (event) describe(*event);
      }
    }
  }
  EXPECT_GT(refused, whole.size() / 2);
}

TEST(Block, OffsetsBeyondTheLastNumberAreRefused) {
  std::string block = encode(sample_request());
  for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) block[layout::kFirstAt + i] = '\xff';
  EXPECT_EQ("corrupted", code_of(Block::open(reseal(std::move(block)))));
}

TEST(Block, ANewerVersionIsRefused) {
  const std::string whole = encode(sample_request());
  for (const std::size_t at :
       {layout::kVersionAt, layout::kCodecAt, layout::kDigestKindAt, layout::kFlagsAt}) {
    std::string newer = whole;
    ++newer[at];
    auto block = Block::open(reseal(std::move(newer)));
    ASSERT_FALSE(block);
    EXPECT_NE(std::string::npos, block.error().detail.find("newer version"));
  }
}

TEST(Block, FlagsOfANewerVersionAreRefused) {
  std::string newer = encode({.events = {Event{}}});
  const auto strings = read_little<std::uint32_t>(newer.data() + layout::kStringCountAt);
  const auto string_bytes = read_little<std::uint32_t>(newer.data() + layout::kStringBytesAt);
  const std::size_t flags_at = layout::kHeaderBytes + (std::size_t{1} + strings) * 4 + string_bytes;
  newer[flags_at] = static_cast<char>(newer[flags_at] | layout::kTombstone);
  auto block = Block::open(reseal(std::move(newer)));
  ASSERT_TRUE(block);
  EXPECT_EQ("corrupted", code_of((*block)->event(Offset{41})));
}

}  // namespace
}  // namespace daybook
