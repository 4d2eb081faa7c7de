// The bytes of every released format, kept in golden/: they stay readable for ever, and what is
// written today is what they say. A new format adds files; none of these may change.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "storage/base/bytes.h"
#include "storage/book/book.h"
#include "storage/book/dead_letter.h"
#include "storage/book/group_row.h"
#include "storage/engine/keys.h"
#include "storage/index/index.h"
#include "storage/queue/queue_row.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

using namespace test;

constexpr LogId kLog = {0x01, 0x9b, 0xef, 0x81, 0xf6, 0x7b, 0x70, 0x00,
                        0x80, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06};

std::string golden(const std::string& name) {
  std::ifstream in(std::string(DAYBOOK_GOLDEN_DIR) + "/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

Request sample() {
  Request request{.id_space = "legacy", .principal = "someone"};
  request.events = {
      {.event_type = "order.placed",
       .aggregate_type = "order",
       .aggregate_id = "7",
       .payload = R"({"total":12345678901234567890,"note":"\u0000"})",
       .tags = {"red", "order:7"}},
      {.event_type = "order.paid",
       .aggregate_type = "order",
       .aggregate_id = "7",
       .id = "paid-7",
       .schema_version = "\"2.0\"",
       .correlation_id = "c-1",
       .causation_id = "paid-6",
       .payload = "1.0",
       .metadata = R"({"trace":"t"})",
       .occurred_at = Timestamp{1'769'248'799'000'001}},
      {},
  };
  return request;
}

Placed placed(std::uint64_t i) {
  Placed placed{.offset = Offset{1001 + i},
                .sequence = {i < 2 ? 41 + i : 1},
                .recorded_at = {1'769'248'800'123'456 + static_cast<std::int64_t>(i)},
                .batch_index = static_cast<std::uint32_t>(i)};
  for (std::uint8_t at = 0; at < 16; ++at)
    placed.server_id[at] = static_cast<std::uint8_t>(std::uint64_t{at} * 16 + i);
  return placed;
}

std::string block_of_today() {
  const Request request = sample();
  const Append append = append_of(request);
  BlockBuilder builder;
  for (std::size_t i = 0; i < append.events.size(); ++i)
    builder.add(append, append.events[i], placed(i));
  return builder.finish();
}

TEST(Golden, ABlockOfFormat1) {
  const std::string bytes = golden("block_1.bin");
  EXPECT_EQ(bytes, block_of_today());
  auto block = Block::open(bytes);
  ASSERT_TRUE(block) << block.error().detail;
  std::string text;
  for (std::uint64_t offset = 1001; offset <= 1003; ++offset)
    text += describe(*(*block)->event(Offset{offset})) + "\n";
  EXPECT_EQ(golden("block_1.txt"), text);
}

// What version 1 could say: what a version 2 of the log mode says as well.
TEST(Golden, AGroupRowOfFormat1) {
  const GroupRow row{.settings = {.start = Timestamp{1'769'248'800'123'456},
                                  .filter = {.aggregate_type = "order",
                                             .event_types = {"order.*", "x"},
                                             .tags = {"red"},
                                             .items = {{.event_types = {"y"}, .tags = {"z"}}}},
                                  .member_timeout_ms = 5000},
                     .committed = Offset{1003},
                     .generation = 4,
                     .active_member = "worker-1",
                     .revision = 2};
  auto back = decode_group_row(golden("group_row_1.bin"));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(describe(row), describe(*back));
}

TEST(Golden, AGroupRowOfFormat2) {
  const GroupRow row = replay_row();
  const std::string bytes = golden("group_row_2.bin");
  EXPECT_EQ(bytes, encode(row));
  auto back = decode_group_row(bytes);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(describe(row), describe(*back));
}

DeadLetterFacts sample_facts() {
  return {.failures = {{.attempt = 1,
                        .kind = FailureKind::nack,
                        .member = "worker-1",
                        .reason = "no route",
                        .at = {1'769'248'801'000'000}},
                       {.attempt = 300,
                        .kind = FailureKind::timeout,
                        .member = "worker-2",
                        .at = {1'769'248'802'000'000}}},
          .attempts = 300,
          .died_at = {1'769'248'803'000'000},
          .retried = 2};
}

TEST(Golden, ADeadLetterOfFormat1) {
  auto block = Block::open(golden("block_1.bin"));
  ASSERT_TRUE(block);
  const std::string bytes = golden("dead_letter_1.bin");
  EXPECT_EQ(bytes, encode_dead_letter(*(*block)->event(Offset{1002}), sample_facts()));
  auto letter = decode_dead_letter(bytes);
  ASSERT_TRUE(letter) << letter.error().detail;
  EXPECT_EQ(describe(*(*block)->event(Offset{1002})), describe(*letter->copy->event(Offset{1002})));
  EXPECT_EQ(sample_facts().failures, letter->facts.failures);
  EXPECT_EQ(300u, letter->facts.attempts);
  EXPECT_EQ(Timestamp{1'769'248'803'000'000}, letter->facts.died_at);
  EXPECT_EQ(2u, letter->facts.retried);
}

queue::Row sample_queue_row() {
  using enum queue::EntryState;
  queue::Row row{.is_snapshot = true,
                 .number = 300,
                 .delivered_to = Offset{1003},
                 .attempt_max = 301,
                 .attempt_base = 1,
                 .dead_letters = 1,
                 .acked = 900,
                 .skipped = 7,
                 .members = {"worker-1"}};
  row.entries = {
      {.offset = Offset{1001},
       .lane = 0x0102030405060708,
       .attempts = 300,
       .failed = 2,
       .failures = sample_facts().failures,
       .due = {1'769'248'804'000'000}},
      {.offset = Offset{1003}, .state = leased, .attempts = 301, .due = {1'769'248'805'000'000}}};
  row.held = {{.lane = 9, .gone = true}};
  return row;
}

TEST(Golden, AQueueRowOfFormat1) {
  const std::string bytes = golden("queue_row_1.bin");
  EXPECT_EQ(bytes, encode(sample_queue_row()));
  auto row = queue::decode_queue_row(bytes);
  ASSERT_TRUE(row) << row.error().detail;
  EXPECT_EQ(sample_facts().failures, row->entries.front().failures);
  EXPECT_EQ(bytes, encode(*row));
}

TEST(Golden, AHeadPageOfFormat1) {
  const TempDir dir;
  const std::string old = dir.path() + "/old";
  std::ofstream(old, std::ios::binary) << golden("head_1.bin");
  auto mark = HeadMark::open(old);
  ASSERT_TRUE(mark) << mark.error().detail;
  const BookEnd end{.head = Offset{1003}, .change = 2006};
  EXPECT_EQ(end, (*mark)->load());
  EXPECT_EQ(kLog, (*mark)->log());
  const std::string fresh = dir.path() + "/new";
  {
    auto made = HeadMark::create(fresh, kLog);
    ASSERT_TRUE(made);
    (*made)->store(end);
  }
  std::ostringstream bytes;
  bytes << std::ifstream(fresh, std::ios::binary).rdbuf();
  EXPECT_EQ(golden("head_1.bin"), bytes.str());
}

// Every entry of a chunk: column, key, value.
std::string chunk_of_today() {
  const Request request = sample();
  const Append append = append_of(request);
  Segment segment(Offset{1001});
  for (std::size_t i = 0; i < append.events.size(); ++i)
    segment.add(append, append.events[i], placed(i));
  std::string out;
  for (const engine::SortedChunk& chunk : chunks_of(segment, kLog))
    for (const engine::Entry& entry : chunk.entries) {
      append_varint(out, chunk.column);
      append_text(out, entry.key);
      append_text(out, entry.value);
    }
  return out;
}

TEST(Golden, AnIndexChunkOfFormat1) {
  const std::string bytes = golden("index_chunk_1.bin");
  EXPECT_EQ(bytes, chunk_of_today());
  ByteReader in(bytes);
  std::map<std::string, std::string, std::less<>> entries;
  while (!in.at_end() && in.ok()) {
    const std::string column = std::to_string(in.varint());
    const std::string key = column + std::string(in.text());
    entries[key] = in.text();
  }
  ASSERT_TRUE(in.ok());
  const auto value = [&](std::size_t column, const engine::Key& key) {
    return entries[std::to_string(column) + key.bytes()];
  };
  auto red = decode_offsets(value(0, engine::Key().raw(term(TermKind::tag, "red")).number(1001)));
  ASSERT_TRUE(red);
  EXPECT_EQ((std::vector<Offset>{{1001}}), *red);
  auto order =
      decode_aggregate({41}, value(0, engine::Key().raw(aggregate_term("order", "7")).number(41)));
  ASSERT_TRUE(order);
  EXPECT_EQ((std::vector<Offset>{{1001}, {1002}}), order->offsets);
  EXPECT_EQ(Timestamp{1'769'248'800'123'457}, order->last_recorded_at);
  auto known = decode_known_id(value(1, engine::Key().raw(id_term("legacy", "paid-7"))));
  ASSERT_TRUE(known);
  EXPECT_EQ(Offset{1002}, known->offset);
  EXPECT_EQ(1u, known->batch_index);
}

TEST(Golden, ARequestKeyOfFormat1) {
  const TempDir dir;
  {
    auto book = Book::open({.data_dir = dir.path(), .new_log_id = kLog});
    ASSERT_TRUE(book);
    Commit commit = (*book)->new_commit();
    commit.remember("someone", "k-1", {.body = {3, 5}, .first = Offset{1001}, .count = 3});
    ASSERT_TRUE((*book)->write(commit, Offset{0}));
  }
  auto database =
      engine::Database::open_read_only(dir.path() + "/book", book_options(nullptr, nullptr));
  ASSERT_TRUE(database);
  auto value = (*database)->get(static_cast<std::size_t>(BookColumn::request_keys),
                                engine::Key().name("someone").raw("k-1"));
  ASSERT_TRUE(value);
  EXPECT_EQ(golden("request_key_1.bin"), value->value_or("(none)"));
}

}  // namespace
}  // namespace daybook
