#include "storage/index/window.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/storage/samples.h"

namespace daybook {
namespace {

using test::append_of;
using test::Event;
using test::Request;

constexpr std::uint64_t kChunk = 4;

class WindowTest : public testing::Test {
 protected:
  void write(const Event& event) {
    requests_.push_back({.events = {event}});
    appends_.push_back(append_of(requests_.back()));
    const Append& append = appends_.back();
    const Offset offset = written_ + 1;
    Placed placed[] = {
        {.offset = offset, .recorded_at = {static_cast<std::int64_t>(offset.value)}}};
    const Sequence evidence[] = {{0}};
    window_.add(append, placed, evidence);
    builder_.add(append, append.events[0], placed[0]);
    written_ = offset;
  }
  void commit() { window_.commit({Block::trust(builder_.finish())}, written_); }
  void append(std::uint64_t count, const Event& event = {}) {
    for (std::uint64_t i = 0; i < count; ++i) {
      write(event);
      commit();
    }
  }
  std::vector<Offset> collect(const WindowView& view, std::string_view term, Between bounds = {},
                              Order order = Order::ascending, std::size_t max = 100) {
    std::vector<Offset> out;
    view.collect(term, bounds, order, max, out);
    return out;
  }

  Window window_{Offset{0}, {.chunk_events = kChunk}};
  BlockBuilder builder_;
  Offset written_;
  std::deque<Request> requests_;
  std::deque<Append> appends_;
};

const std::string kThing = aggregate_term("thing", "1");

TEST_F(WindowTest, WhatIsWrittenShowsToReadersOnceCommitted) {
  append(1);
  write({.aggregate_type = "new", .id = "mine"});
  write({});
  const WindowView view = window_.view();
  EXPECT_EQ(Offset{1}, view.head());
  EXPECT_EQ((std::vector<Offset>{{1}}), collect(view, kThing));
  EXPECT_EQ(std::nullopt, view.id(id_term("", "mine")));
  EXPECT_EQ(std::nullopt, view.aggregate("new", "1"));
  EXPECT_EQ((std::vector<Offset>{{1}}), view.sequences(kThing, {1}, {9}));
  std::vector<std::string> listed;
  view.aggregates_above("", "", listed);
  EXPECT_EQ(1u, listed.size());
  // The writer sees it.
  EXPECT_EQ(Sequence{2}, window_.sequence_of(kThing));
  EXPECT_TRUE(window_.id_as_written(id_term("", "mine")));
  commit();
  EXPECT_EQ(Offset{1}, view.head()) << "a view stays what it was";
  EXPECT_EQ((std::vector<Offset>{{1}}), collect(view, kThing));
  EXPECT_EQ((std::vector<Offset>{{1}, {3}}), collect(window_.view(), kThing));
}

TEST_F(WindowTest, AnAggregatesFactsAreThoseOfWhatIsCommitted) {
  append(2);
  write({});
  const auto info = window_.view().aggregate("thing", "1");
  ASSERT_TRUE(info);
  EXPECT_EQ("thing/1 #2 from 1 to 2 created 1 updated 2", test::describe(*info));
}

TEST_F(WindowTest, CollectsWithinBoundsInTheOrderAsked) {
  append(10);
  const WindowView view = window_.view();
  const Between bounds{Offset{2}, Offset{9}};
  EXPECT_EQ((std::vector<Offset>{{3}, {4}, {5}, {6}, {7}, {8}}), collect(view, kThing, bounds));
  EXPECT_EQ((std::vector<Offset>{{8}, {7}, {6}}),
            collect(view, kThing, bounds, Order::descending, 3));
  EXPECT_TRUE(collect(view, kThing, {Offset{5}, Offset{6}}).empty());
  EXPECT_TRUE(collect(view, kThing, {Offset{9}, Offset{2}}).empty());
  EXPECT_TRUE(collect(view, term(TermKind::tag, "none")).empty());
}

TEST_F(WindowTest, SequencesAcrossSegmentsAreGapless) {
  append(11);
  const WindowView view = window_.view();
  EXPECT_EQ((std::vector<Offset>{{3}, {4}, {5}, {6}, {7}}), view.sequences(kThing, {3}, {7}));
  EXPECT_EQ((std::vector<Offset>{{11}}), view.sequences(kThing, {11}, {20}));
  EXPECT_TRUE(view.sequences(kThing, {12}, {20}).empty());
}

TEST_F(WindowTest, PostsWholeSegmentsAndForgetsAllButTheNewestPosted) {
  append(kChunk - 1);
  EXPECT_EQ(nullptr, window_.next_to_post(Offset{0}));
  append(2 * kChunk + 1);
  for (std::uint64_t posted = kChunk; posted <= 3 * kChunk; posted += kChunk) {
    const auto segment = window_.next_to_post(Offset{posted - kChunk});
    ASSERT_NE(nullptr, segment);
    EXPECT_EQ(Offset{posted}, segment->last());
    window_.posted(Offset{posted});
    EXPECT_EQ(Offset{posted - kChunk + 1}, window_.first());
  }
  EXPECT_EQ(nullptr, window_.next_to_post(Offset{3 * kChunk}));
}

TEST_F(WindowTest, NothingIsForgottenWhileTheWriterDecides) {
  append(3 * kChunk);
  window_.posted(Offset{kChunk});
  auto held = window_.hold();
  std::thread poster([this] { window_.posted(Offset{2 * kChunk}); });
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Offset{1}, window_.first());
    std::this_thread::yield();
  }
  held.unlock();
  poster.join();
  EXPECT_EQ(Offset{kChunk + 1}, window_.first());
}

TEST_F(WindowTest, AnAppendGoesOnWhereItsAggregatesAre) {
  append(1);
  const Request request{.events = {{}, {.aggregate_id = "old"}, {.aggregate_id = "old"}, {}}};
  const Append append = append_of(request);
  std::vector<Placed> placed(4);
  for (std::uint64_t i = 0; i < 4; ++i) placed[i].offset = Offset{2 + i};
  const Sequence evidence[] = {{1}, {70}, {70}, {1}};
  window_.add(append, placed, evidence);
  const std::vector<Sequence> expected = {{2}, {71}, {72}, {3}};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(expected[i], placed[i].sequence);
}

TEST_F(WindowTest, HeadsOutliveTheWindow) {
  append(1, {.aggregate_id = "early"});
  append(3 * kChunk);
  window_.posted(Offset{kChunk});
  window_.posted(Offset{2 * kChunk});
  EXPECT_EQ(Sequence{1}, window_.sequence_of(aggregate_term("thing", "early")));
  EXPECT_EQ(std::nullopt, window_.sequence_of(aggregate_term("thing", "never")));
}

TEST_F(WindowTest, AViewKeepsWhatIsForgotten) {
  append(3 * kChunk);
  const WindowView view = window_.view();
  window_.posted(Offset{kChunk});
  window_.posted(Offset{2 * kChunk});
  EXPECT_EQ(Offset{kChunk + 1}, window_.first());
  EXPECT_EQ(Offset{1}, view.first());
  EXPECT_EQ(3u * kChunk, collect(view, kThing).size());
  EXPECT_NE(nullptr, view.block_at(Offset{1}));
  EXPECT_EQ(nullptr, window_.view().block_at(Offset{1}));
}

TEST_F(WindowTest, UnpostedBytesFallWithPosting) {
  append(3 * kChunk);
  const std::size_t before = window_.unposted_bytes();
  window_.posted(Offset{kChunk});
  EXPECT_LT(window_.unposted_bytes(), before);
  window_.posted(Offset{2 * kChunk});
  window_.posted(Offset{3 * kChunk});
  EXPECT_EQ(0u, window_.unposted_bytes());
  EXPECT_GT(window_.bytes(), 0u);
}

TEST_F(WindowTest, SealingClosesASegmentThatHoldsAnything) {
  window_.seal();
  EXPECT_EQ(nullptr, window_.next_to_post(Offset{0}));
  append(2);
  window_.seal();
  ASSERT_NE(nullptr, window_.next_to_post(Offset{0}));
  EXPECT_EQ(Offset{2}, window_.next_to_post(Offset{0})->last());
  append(1);
  EXPECT_EQ((std::vector<Offset>{{1}, {2}, {3}}), collect(window_.view(), kThing));
}

TEST_F(WindowTest, LoadedFromABlockItAnswersTheSame) {
  for (int i = 0; i < 3; ++i) write({.event_type = "a.b", .tags = {"red"}});
  const auto block = Block::trust(builder_.finish());
  Window loaded(Offset{3}, {.chunk_events = kChunk});
  loaded.begin_load(Offset{1}, Offset{3});  // The index has reached the first.
  ASSERT_TRUE(loaded.load(block, Offset{1}));
  loaded.end_load();
  EXPECT_EQ(Offset{3}, loaded.committed());
  EXPECT_EQ((std::vector<Offset>{{2}, {3}}), collect(loaded.view(), term(TermKind::tag, "red")));
  EXPECT_EQ(Sequence{3}, loaded.sequence_of(kThing));
  EXPECT_EQ((std::vector<std::string>{"a.b"}), loaded.view().event_types("a."));
  EXPECT_TRUE(loaded.view().event_types("b").empty());
}

TEST_F(WindowTest, CoversWhatItHoldsAndWhatIsYetToCome) {
  append(3 * kChunk);
  window_.posted(Offset{kChunk});
  window_.posted(Offset{2 * kChunk});
  const WindowView view = window_.view();
  EXPECT_FALSE(view.covers_after(Offset{kChunk - 1}));
  EXPECT_TRUE(view.covers_after(Offset{kChunk}));
  EXPECT_TRUE(view.covers_after(kEndOfLog));
}

}  // namespace
}  // namespace daybook
