// The corpus: the same bytes for everybody, for ever.
#include "bench/load/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace daybook::load {
namespace {

// FNV-1a: small enough to be written out here.
std::uint64_t digest(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

TEST(Corpus, NeverChanges) {
  Corpus corpus;
  EXPECT_EQ(0xb16d58d8ca8373c2, digest(corpus.take(Corpus::kEvents)));
}

TEST(Corpus, EveryEventHasTheSameLength) {
  Corpus corpus;
  const std::string_view events = corpus.take(1000);
  EXPECT_EQ(Corpus::joined_bytes(1000), events.size());
  for (std::size_t i = 0; i < 1000; ++i) {
    const auto event = events.substr(i * (Corpus::kEventBytes + 1), Corpus::kEventBytes);
    ASSERT_TRUE(event.starts_with(R"({"event_type":"task.)")) << event;
    ASSERT_TRUE(event.ends_with(R"("}})")) << event;
  }
}

TEST(Corpus, ManyTypesAreNumbered) {
  Corpus corpus({.types = 1000});
  const auto event = corpus.take(1);
  EXPECT_EQ(Corpus::kEventBytes, event.size());
  const auto columns = Corpus::columns(event);
  EXPECT_EQ("task.", columns.event_type.substr(0, 5));
  EXPECT_EQ(4U, columns.event_type.substr(5).size());
  EXPECT_NE(Corpus::columns(corpus.take(1)).event_type, columns.event_type);
}

TEST(Corpus, EveryAggregateHasItsTurn) {
  Corpus corpus;
  std::set<std::string_view> aggregates;
  for (std::size_t i = 0; i < Corpus::kAggregates; ++i)
    aggregates.insert(Corpus::columns(corpus.take(1)).aggregate_id);
  EXPECT_EQ(Corpus::kAggregates, aggregates.size());
}

std::map<std::string_view, int> count_aggregates(Corpus& corpus) {
  std::map<std::string_view, int> counts;
  for (std::size_t i = 0; i < Corpus::kEvents; ++i)
    ++counts[Corpus::columns(corpus.take(1)).aggregate_id];
  return counts;
}

int most(const std::map<std::string_view, int>& counts) {
  int most = 0;
  for (const auto& [id, count] : counts) most = std::max(most, count);
  return most;
}

TEST(Corpus, DrawsAggregatesAlike) {
  Corpus corpus({.aggregates = 10'000});
  const auto counts = count_aggregates(corpus);
  EXPECT_EQ(10'000U, counts.size());  // of 20 on average, none is left out
  EXPECT_LT(most(counts), 60);
}

TEST(Corpus, DrawsTheFirstAggregatesMoreOften) {
  Corpus corpus({.aggregates = 10'000, .zipf = true});
  const auto counts = count_aggregates(corpus);
  // The first has 1 / (1 + 1/2 + … + 1/10,000) of them: 10.2 %.
  EXPECT_NEAR(0.102 * Corpus::kEvents, most(counts), 0.002 * Corpus::kEvents);
  EXPECT_GT(counts.size(), 7'000U);
  EXPECT_LE(counts.size(), 10'000U);
}

TEST(Corpus, BeginsAgainAtTheEnd) {
  Corpus corpus;
  const std::string_view first = corpus.take(150'000);
  EXPECT_EQ(first, corpus.take(150'000));
}

TEST(Corpus, TakesAnEventApart) {
  const Columns columns =
      Corpus::columns(R"({"event_type":"a.b","aggregate_type":"a","aggregate_id":"u","tags":["t"],)"
                      R"("payload":{"x":{}}})");
  EXPECT_EQ("a.b", columns.event_type);
  EXPECT_EQ("a", columns.aggregate_type);
  EXPECT_EQ("u", columns.aggregate_id);
  EXPECT_EQ(R"({"x":{}})", columns.payload);
}

}  // namespace
}  // namespace daybook::load
