// Pages where lists are longer than one look-up, and bounds that meet the border of index and
// window.
#include "storage/reader.h"

#include <algorithm>

#include "storage/server_id.h"
#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class ReaderTest : public StoreTest {
 protected:
  // Appends batches of events made by `make(offset)`.
  template <class Make>
  void fill(std::uint64_t count, std::uint64_t batch, Make make) {
    for (std::uint64_t first = store_->committed().value + 1; count > 0; first += batch) {
      const std::uint64_t now = std::min(count, batch);
      Request request{.stamped_at = {static_cast<std::int64_t>(first)}};
      for (std::uint64_t i = first; i < first + now; ++i) request.events.push_back(make(i));
      ASSERT_EQ("ok", code_of(append(std::move(request))));
      count -= now;
    }
  }
  // All pages; `pages` counts them.
  std::vector<std::uint64_t> read_all(Query query, std::size_t* pages = nullptr) {
    std::vector<std::uint64_t> all;
    for (;;) {
      auto page = read(query);
      EXPECT_TRUE(page);
      if (!page) return all;
      if (pages) ++*pages;
      std::ranges::move(offsets_of(*page), std::back_inserter(all));
      if (!page->next) return all;
      (query.order == Order::ascending ? query.after : query.before) = *page->next;
    }
  }
};

std::vector<std::uint64_t> multiples(std::uint64_t of, std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = from; i <= to; ++i)
    if (i % of == 0) all.push_back(i);
  return all;
}

TEST_F(ReaderTest, UnionsOfLongListsAreWhole) {
  options_.chunk_events = 1000;
  open();
  fill(9000, 500, [](std::uint64_t i) {
    Event event{.event_type = i % 3 == 0 ? "a.3" : i % 2 == 0 ? "a.2" : "a.1"};
    if (i % 5 == 0) event.tags = {"five"};
    return event;
  });
  post();
  const std::uint64_t head = 9000;
  for (const Order order : {Order::ascending, Order::descending})
    for (const std::uint32_t limit : {10'000u, 700u}) {
      const auto check = [&](std::vector<std::uint64_t> expected, Query query) {
        query.order = order;
        query.limit = limit;
        if (order == Order::descending) std::ranges::reverse(expected);
        EXPECT_EQ(expected, read_all(query));
      };
      check(multiples(1, 1, head), {.filter = {.event_types = {"a.*"}}});
      check(multiples(1, 1, head), {});
      check(multiples(5, 1, head), {.filter = {.event_types = {"a.*"}, .tags = {"five"}}});
      check(multiples(15, 1, head), {.filter = {.event_types = {"a.3"}, .tags = {"five"}}});
      check(multiples(1, 2501, 8700),
            {.filter = {.event_types = {"a.1", "a.2", "a.3"}}, .after = {2500}, .before = {8701}});
      check(multiples(1, 1, head), {.filter = {.aggregate_type = "thing", .aggregate_id = "1"}});
    }
}

TEST_F(ReaderTest, AFilterThatMatchesLittleStopsAfterItsCandidates) {
  options_.chunk_events = 20'000;
  open();
  fill(120'000, 10'000, [](std::uint64_t i) {
    return Event{.tags = i % 50'000 == 0 ? std::vector<std::string>{"rare", "all"}
                                         : std::vector<std::string>{"all"}};
  });
  post();
  std::size_t pages = 0;
  EXPECT_EQ((std::vector<std::uint64_t>{50'000, 100'000}),
            read_all({.filter = {.tags = {"all", "rare"}}}, &pages));
  EXPECT_EQ(3u, pages);
  auto page = read({.filter = {.tags = {"all", "none"}}});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->events.empty());
  EXPECT_EQ(limits::page_candidates_max, page->explain.candidates);
  EXPECT_EQ(page->next, page->examined);
  auto broad =
      store_->reader().first_match({.tags = {"all", "none"}}, {}, 60'000, engine::Tier::disk);
  EXPECT_EQ("condition_too_broad", code_of(broad));
  EXPECT_EQ("ok", code_of(store_->reader().first_match({.tags = {"all", "none"}}, {}, 200'000,
                                                       engine::Tier::disk)));
}

TEST_F(ReaderTest, EveryBoundAroundTheBorderOfTheWindowIsKept) {
  append_events(30, {.tags = {"t"}});
  post();
  const std::uint64_t edge = store_->window().first().value;
  ASSERT_GT(edge, 8u);
  for (std::uint64_t after = edge - 3; after <= edge + 2; ++after)
    for (std::uint64_t before = edge - 2; before <= edge + 4; ++before)
      for (const Order order : {Order::ascending, Order::descending})
        for (const Filter& filter :
             {Filter{}, Filter{.tags = {"t"}}, Filter{.aggregate_id = "1"}}) {
          auto page =
              read({.filter = filter, .order = order, .after = {after}, .before = {before}});
          ASSERT_TRUE(page);
          auto expected = multiples(1, after + 1, before - 1);
          if (order == Order::descending) std::ranges::reverse(expected);
          EXPECT_EQ(expected, offsets_of(*page)) << after << ' ' << before;
          EXPECT_EQ(std::nullopt, page->next);
        }
}

TEST_F(ReaderTest, TheLastPageSaysSoAndHowFarItLooked) {
  append_events(10);
  auto page = read({.limit = 10});
  EXPECT_EQ(std::nullopt, page->next);
  EXPECT_EQ(Offset{10}, page->examined);
  page = read({.limit = 9});
  EXPECT_EQ(Offset{9}, page->next);
  EXPECT_EQ(Offset{9}, page->examined);
  page = read({.filter = {.tags = {"none"}}});
  EXPECT_EQ(std::nullopt, page->next);
  EXPECT_EQ(Offset{10}, page->examined);
  page = read({.order = Order::descending, .limit = 9});
  EXPECT_EQ(Offset{2}, page->next);
  page = read({.order = Order::descending, .limit = 10});
  EXPECT_EQ(std::nullopt, page->next);
}

TEST_F(ReaderTest, BeyondEitherEndThereIsNothing) {
  append_events(3);
  const std::uint64_t max = ~std::uint64_t{0};
  for (const std::uint64_t after : {std::uint64_t{3}, std::uint64_t{4}, max - 1, max}) {
    auto page = read({.after = {after}}, engine::Tier::memory_only);
    ASSERT_TRUE(page) << after;
    EXPECT_TRUE(page->events.empty());
    EXPECT_EQ(std::nullopt, page->next);
    EXPECT_EQ(Offset{after}, page->examined);
  }
  for (const std::uint64_t before : {0U, 1U}) {
    auto page = read({.order = Order::descending, .before = {before}});
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->events.empty());
    EXPECT_EQ(std::nullopt, page->next);
  }
}

TEST_F(ReaderTest, PagesAreBoundedInBytes) {
  const std::string megabyte = "\"" + std::string(1 << 20, 'x') + "\"";
  append_events(12, {.payload = megabyte});
  auto page = read({.limit = 100});
  ASSERT_TRUE(page);
  EXPECT_EQ(8u, page->events.size());
  EXPECT_EQ(Offset{8}, page->next);
  auto of_aggregate = store_->aggregates().read({"thing", "1"});
  ASSERT_TRUE(of_aggregate);
  EXPECT_EQ(8u, of_aggregate->events.size());
}

TEST_F(ReaderTest, TimesBoundWhatIsRead) {
  fill(20, 1, [](std::uint64_t i) {
    return Event{.occurred_at = Timestamp{static_cast<std::int64_t>(100 - i)}};
  });
  post();
  const auto recorded = [&](TimeRange range) { return read_all({.recorded = range}); };
  EXPECT_EQ(multiples(1, 5, 9), recorded({Timestamp{5}, Timestamp{9}}));
  EXPECT_EQ(multiples(1, 19, 20), recorded({Timestamp{19}, std::nullopt}));
  EXPECT_EQ(multiples(1, 1, 2), recorded({std::nullopt, Timestamp{2}}));
  EXPECT_TRUE(recorded({Timestamp{21}, std::nullopt}).empty());
  EXPECT_TRUE(recorded({std::nullopt, Timestamp{0}}).empty());
  EXPECT_TRUE(recorded({Timestamp{9}, Timestamp{5}}).empty());
  EXPECT_EQ(multiples(1, 5, 9), read_all({.occurred = {Timestamp{91}, Timestamp{95}}}));
}

TEST_F(ReaderTest, InMemoryAloneTheWindowAnswersAndNothingElse) {
  append_events(30, {.tags = {"t"}});
  post();
  const Offset edge = store_->window().first();
  auto page = read({.filter = {.tags = {"t"}}, .after = edge - 1}, engine::Tier::memory_only);
  ASSERT_TRUE(page);
  EXPECT_EQ(30 - edge.value + 1, page->events.size());
  EXPECT_EQ("not_yet", code_of(read({.after = edge - 2}, engine::Tier::memory_only)));
  EXPECT_EQ("not_yet", code_of(store_->reader().find(Offset{1}, engine::Tier::memory_only)));
  EXPECT_EQ("ok", code_of(store_->reader().find(Offset{30}, engine::Tier::memory_only)));
}

TEST_F(ReaderTest, GivesTheEventsAtAnyOffsetsInTheOrderAsked) {
  fill(30, 5, [](std::uint64_t i) { return Event{.payload = std::to_string(i)}; });
  post();
  const std::vector<Offset> asked = {{30}, {2}, {3}, {3}, {17}, {1}, {28}};
  auto page = store_->reader().read(asked, engine::Tier::disk);
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_EQ((std::vector<std::uint64_t>{30, 2, 3, 3, 17, 1, 28}), offsets_of(*page));
  for (const EventView& event : page->events)
    EXPECT_EQ(std::to_string(event.offset.value), event.payload);
  EXPECT_EQ(5u, page->keep_alive.size()) << "2, 3 and 3 again are one look-up";
  EXPECT_EQ(Offset{30}, page->head);
}

TEST_F(ReaderTest, OffsetsBelowTheWindowNeedTheDiskAndThoseAboveTheHeadAreNowhere) {
  append_events(30);
  post();
  const Offset edge = store_->window().first();
  const auto read_at = [this](std::vector<Offset> offsets, engine::Tier tier) {
    return code_of(store_->reader().read(offsets, tier));
  };
  EXPECT_EQ("ok", read_at({edge, Offset{30}}, engine::Tier::memory_only));
  EXPECT_EQ("not_yet", read_at({edge, edge - 1}, engine::Tier::memory_only));
  EXPECT_EQ("ok", read_at({edge, edge - 1}, engine::Tier::disk));
  EXPECT_EQ("not_found", read_at({Offset{30}, Offset{31}}, engine::Tier::disk));
  EXPECT_EQ("not_found", read_at({Offset{0}}, engine::Tier::disk));
  EXPECT_EQ("ok", read_at({}, engine::Tier::memory_only));
}

TEST_F(ReaderTest, SaysWhichWayItRead) {
  append_events(3, {.tags = {"t"}});
  auto page = read({.filter = {.tags = {"t"}}});
  EXPECT_EQ("tag", page->explain.index);
  EXPECT_EQ("t", page->explain.term);
  EXPECT_EQ(3u, page->explain.candidates);
  EXPECT_EQ("1/thing",
            read({.filter = {.aggregate_type = "thing", .aggregate_id = "1"}})->explain.term);
}

TEST_F(ReaderTest, AnIdThatLooksLikeTheServersIsFoundAsWhatItIs) {
  // A client chose it: it names offset 1 of this very log.
  EventId id;
  id.uuid = make_server_id(store_->log_id(), Offset{1}, Timestamp{0}, 5);
  append_events(2);
  ASSERT_EQ("ok", code_of(append({.events = {{.id = id.to_string()}}})));
  const auto found = [&] {
    auto page = store_->reader().find("", id.to_string(), engine::Tier::disk);
    return page ? page->events[0].offset.value : 0;
  };
  EXPECT_EQ(3u, found());
  ASSERT_EQ("ok", code_of(store_->post_all()));
  open();
  EXPECT_EQ(3u, found());
}

TEST_F(ReaderTest, ResolvesWhereAGroupMayStart) {
  fill(10, 1, [](std::uint64_t) { return Event{}; });
  const auto resolve = [&](GroupStart start) { return store_->reader().resolve(start); };
  EXPECT_EQ(Offset{0}, *resolve(FromBeginning{}));
  EXPECT_EQ(Offset{10}, *resolve(FromHead{}));
  EXPECT_EQ(Offset{7}, *resolve(Offset{7}));
  EXPECT_EQ("beyond_head", code_of(resolve(Offset{11})));
  EXPECT_EQ(Offset{4}, *resolve(Timestamp{5}));
  EXPECT_EQ(Offset{10}, *resolve(Timestamp{500}));
}

}  // namespace
}  // namespace daybook
