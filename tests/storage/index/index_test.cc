// The index against the segments that were posted into it, with bounds at every offset.
#include "storage/index/index.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "storage/engine/crash_file_system.h"
#include "tests/storage/index/samples.h"

namespace daybook {
namespace {

using test::code_of;
using test::Event;
using test::Request;

constexpr LogId kLog = {1, 2, 3};
constexpr std::uint64_t kSegments = 6;
constexpr std::uint64_t kPerSegment = 12;
constexpr std::uint64_t kHead = kSegments * kPerSegment;

class IndexTest : public testing::Test {
 protected:
  IndexTest() { open(); }

  void open(LogId log = kLog, Offset head = Offset{kHead}) {
    index_.reset();
    auto index = Index::open({.data_dir = dir_.path(), .log = log, .head = head});
    ASSERT_TRUE(index) << index.error().detail;
    index_ = std::move(*index);
  }

  // Event i: aggregate thing/1 for even i, thing/10 for odd, tag "t" for each third, "rare" at 30.
  static Event event(std::uint64_t i) {
    Event event{.event_type = i % 4 == 0 ? "a.x" : "a.y", .aggregate_id = i % 2 == 0 ? "1" : "10"};
    if (i % 3 == 0) event.tags.emplace_back("t");
    if (i == 30) event.tags.emplace_back("rare");
    if (i % 5 == 0) event.id = "id-" + std::to_string(i);
    return event;
  }

  void post_all() {
    for (std::uint64_t s = 0; s < kSegments; ++s) {
      const std::uint64_t first = s * kPerSegment + 1;
      Segment segment(Offset{first});
      Request request;
      for (std::uint64_t i = first; i < first + kPerSegment; ++i)
        request.events.push_back(event(i));
      add_to(segment, request, s * kPerSegment / 2 + 1);
      ASSERT_EQ("ok", code_of(index_->post(segment)));
    }
  }

  static bool has(const std::string& term, std::uint64_t i) {
    const Event e = event(i);
    if (term == aggregate_term(e.aggregate_type, e.aggregate_id)) return true;
    if (term == daybook::term(TermKind::event_type, e.event_type)) return true;
    return std::ranges::any_of(
        e.tags, [&](const std::string& tag) { return term == daybook::term(TermKind::tag, tag); });
  }

  static std::vector<Offset> expected(const std::string& term, Between bounds, Order order) {
    std::vector<Offset> all;
    for (std::uint64_t i = 1; i <= kHead; ++i)
      if (has(term, i) && i > bounds.after.value && i < bounds.before.value)
        all.push_back(Offset{i});
    if (order == Order::descending) std::ranges::reverse(all);
    return all;
  }

  test::TempDir dir_;
  std::unique_ptr<Index> index_;
};

const std::vector<std::string> kTerms = {
    aggregate_term("thing", "1"), aggregate_term("thing", "10"), term(TermKind::event_type, "a.x"),
    term(TermKind::tag, "t"),     term(TermKind::tag, "rare"),   term(TermKind::tag, "none")};

TEST_F(IndexTest, CollectsWithinAnyBounds) {
  post_all();
  for (const std::string& term : kTerms)
    for (const Order order : {Order::ascending, Order::descending})
      for (std::uint64_t after = 0; after <= kHead; after += 5)
        for (std::uint64_t before = after + 1; before <= kHead + 6; before += 7) {
          const Between bounds{Offset{after}, Offset{before}};
          std::vector<Offset> found;
          ASSERT_EQ("ok", code_of(index_->collect(term, bounds, order, 1000, found)));
          ASSERT_EQ(expected(term, bounds, order), found) << after << ' ' << before;
        }
}

TEST_F(IndexTest, CutShortItIsCompleteUpToTheLastOne) {
  post_all();
  for (const std::string& term : kTerms)
    for (const Order order : {Order::ascending, Order::descending})
      for (std::size_t max = 1; max < 20; max += 3) {
        std::vector<Offset> found;
        ASSERT_EQ("ok", code_of(index_->collect(term, {Offset{3}, Offset{60}}, order, max, found)));
        auto all = expected(term, {Offset{3}, Offset{60}}, order);
        if (found.size() < max) {
          EXPECT_EQ(all, found);
        }
        ASSERT_LE(found.size(), all.size());
        all.resize(found.size());
        EXPECT_EQ(all, found);
      }
}

TEST_F(IndexTest, FindsAnAggregatesFirstLastAndAnySequences) {
  post_all();
  const std::string term = aggregate_term("thing", "1");
  const auto all = expected(term, {}, Order::ascending);
  EXPECT_EQ(all.front(), (*index_->first_of(term))->offsets.front());
  EXPECT_EQ(all.back(), (*index_->last_of(term, engine::Tier::disk))->offsets.back());
  EXPECT_EQ(Sequence{all.size()}, (*index_->last_of(term, engine::Tier::disk))->last_sequence());
  for (std::size_t from = 1; from <= all.size(); ++from)
    for (std::size_t to = from; to <= all.size(); to += 3) {
      auto found = index_->sequences(term, {from}, {to});
      ASSERT_TRUE(found);
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from) - 1;
      ASSERT_EQ((std::vector<Offset>(begin, all.begin() + static_cast<std::ptrdiff_t>(to))),
                *found);
    }
  EXPECT_FALSE(*index_->first_of(aggregate_term("thing", "100")));
  EXPECT_FALSE(*index_->last_of(aggregate_term("thin", "1"), engine::Tier::disk));
  EXPECT_FALSE(*index_->last_of(aggregate_term("thing", ""), engine::Tier::disk));
}

TEST_F(IndexTest, KnowsIds) {
  post_all();
  auto known = index_->id(id_term("", "id-35"), engine::Tier::disk);
  ASSERT_TRUE(known && *known);
  EXPECT_EQ(Offset{35}, (*known)->offset);
  EXPECT_FALSE(*index_->id(id_term("", "id-36"), engine::Tier::disk));
  EXPECT_FALSE(*index_->id(id_term("x", "id-35"), engine::Tier::disk));
}

TEST_F(IndexTest, FindsTermsByTheirBeginning) {
  post_all();
  const std::string types(1, static_cast<char>(TermKind::event_type));
  EXPECT_EQ((std::vector<std::string>{term(TermKind::event_type, "a.x"),
                                      term(TermKind::event_type, "a.y")}),
            *index_->terms_with_prefix(types + "a."));
  EXPECT_TRUE(index_->terms_with_prefix(types + "b")->empty());
  EXPECT_EQ((std::vector<std::string>{aggregate_term("thing", "1")}),
            *index_->terms_with_prefix(term(TermKind::aggregate, "1")));
}

TEST_F(IndexTest, ListsAggregatesFromAnyCursor) {
  post_all();
  const std::string all(1, static_cast<char>(TermKind::listed));
  const std::string one = term(TermKind::listed, "thing", "1");
  const std::string ten = term(TermKind::listed, "thing", "10");
  using Terms = std::vector<std::string>;
  EXPECT_EQ((Terms{one, ten}), *index_->listed(all, "", 10));
  EXPECT_EQ((Terms{one}), *index_->listed(all, "", 1));
  EXPECT_EQ((Terms{ten}), *index_->listed(all, one, 10));
  EXPECT_EQ((Terms{}), *index_->listed(all, ten, 10));
  EXPECT_EQ((Terms{}), *index_->listed(term(TermKind::listed, "thin"), "", 10));
  EXPECT_EQ((Terms{one, ten}), *index_->listed(term(TermKind::listed, "thing"), "", 10));
}

TEST_F(IndexTest, ReopenedItHasWhatWasPosted) {
  post_all();
  open();
  EXPECT_EQ(Offset{kHead}, index_->posted());
  EXPECT_EQ("", index_->why_rebuilt());
  std::vector<Offset> found;
  ASSERT_EQ("ok", code_of(index_->collect(kTerms[0], {}, Order::ascending, 1000, found)));
  EXPECT_EQ(expected(kTerms[0], {}, Order::ascending), found);
}

TEST_F(IndexTest, OfAnotherLogItIsBegunAnew) {
  post_all();
  open(LogId{9});
  EXPECT_EQ(Offset{0}, index_->posted());
  EXPECT_NE("", index_->why_rebuilt());
  EXPECT_FALSE(*index_->first_of(kTerms[0]));
}

TEST_F(IndexTest, AheadOfItsBookItIsBegunAnew) {
  post_all();
  open(kLog, Offset{kHead - 1});
  EXPECT_EQ(Offset{0}, index_->posted());
  EXPECT_NE(std::string::npos, index_->why_rebuilt().find("ahead"));
}

TEST_F(IndexTest, DamagedItIsBegunAnew) {
  post_all();
  index_.reset();
  std::ofstream(dir_.path() + "/index/CURRENT", std::ios::trunc) << "MANIFEST-none\n";
  open();
  EXPECT_EQ(Offset{0}, index_->posted());
  EXPECT_NE("", index_->why_rebuilt());
  post_all();
}

TEST_F(IndexTest, WithoutAFileItIsBegunAnew) {
  for (const std::string kind : {"MANIFEST-", ".sst", "CURRENT"}) {
    SCOPED_TRACE(kind);
    post_all();
    index_.reset();
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path() + "/index"))
      if (entry.path().filename().string().find(kind) != std::string::npos)
        files.push_back(entry.path());
    ASSERT_FALSE(files.empty());
    for (const auto& file : files) std::filesystem::remove(file);
    open();
    EXPECT_EQ(Offset{0}, index_->posted());
  }
}

TEST_F(IndexTest, ADiskThatFailsIsNoReasonToDeleteIt) {
  post_all();
  index_.reset();
  engine::CrashFileSystem disk(dir_.path() + "/scratch");
  const Index::Options how{
      .data_dir = dir_.path(), .file_system = &disk, .log = kLog, .head = Offset{kHead}};
  disk.plan(engine::Fault{.lasting = true, .path_contains = "/index/"});
  const auto refused = Index::open(how);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::io_failed, refused.error().code);
  EXPECT_NE(std::string::npos, refused.error().detail.find("delete " + dir_.path() + "/index"));
  disk.clear_plans();
  disk.plan(engine::Fault{.path_contains = "/index/"});
  auto opened = Index::open(how);
  ASSERT_TRUE(opened) << "it failed once: " << opened.error().detail;
  EXPECT_EQ(Offset{kHead}, (*opened)->posted());
  EXPECT_EQ("", (*opened)->why_rebuilt());
  opened->reset();
}

// A kill in the middle of the deleting must not leave what opens as an index.
TEST_F(IndexTest, BegunAnewItLosesCurrentFirst) {
  post_all();
  index_.reset();
  const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  ASSERT_GE(::inotify_add_watch(watch, (dir_.path() + "/index").c_str(), IN_DELETE), 0);
  std::ofstream(dir_.path() + "/index/REBUILD").close();
  open();
  alignas(inotify_event) char events[4096];
  ASSERT_GT(::read(watch, events, sizeof events), 0);
  ::close(watch);
  EXPECT_STREQ("CURRENT", reinterpret_cast<const inotify_event*>(events)->name);
  EXPECT_EQ(Offset{0}, index_->posted());
}

// Posts into an index of its own, with a fault at each operation on a posting file in turn, until
// RocksDB takes a file over without its keys. Returns what that post said.
Error post_without_keys(const std::string& data_dir, bool mark_is_blocked) {
  for (std::uint64_t nth = 1; nth < 1000; ++nth) {
    std::filesystem::remove_all(data_dir);
    std::filesystem::create_directories(data_dir);
    engine::CrashFileSystem disk(data_dir + "/scratch");
    auto index = Index::open(
        {.data_dir = data_dir, .file_system = &disk, .log = kLog, .head = Offset{kHead}});
    if (!index) return index.error();
    if (mark_is_blocked) std::filesystem::create_directory(data_dir + "/index/REBUILD");
    disk.plan(engine::Fault{.nth = nth, .path_contains = "/posting-"});
    Segment segment(Offset{1});
    add_to(segment, Request{.events = {{}}}, 1);
    const auto posted = (*index)->post(segment);
    if (!posted && posted.error().code == Errc::corrupted) return posted.error();
  }
  return {Errc::internal, "no fault had that effect"};
}

TEST_F(IndexTest, TakenOverWithoutItsKeysItAsksToBeBegunAnew) {
  const std::string data_dir = dir_.path() + "/other";
  const Error error = post_without_keys(data_dir, false);
  EXPECT_EQ(Errc::corrupted, error.code) << error.detail;
  EXPECT_EQ(std::string::npos, error.detail.find("REBUILD")) << error.detail;
  EXPECT_TRUE(std::filesystem::exists(data_dir + "/index/REBUILD"));
}

TEST_F(IndexTest, AMarkThatCannotBeLeftIsNamed) {
  const Error error = post_without_keys(dir_.path() + "/other", true);
  EXPECT_EQ(Errc::corrupted, error.code) << error.detail;
  EXPECT_NE(std::string::npos, error.detail.find("index/REBUILD: Is a directory")) << error.detail;
}

TEST_F(IndexTest, InMemoryAloneItMayAskForTheDisk) {
  post_all();
  open();  // Nothing is cached.
  const auto known = index_->id(id_term("", "id-35"), engine::Tier::memory_only);
  ASSERT_FALSE(known);
  EXPECT_EQ(Errc::not_yet, known.error().code);
  EXPECT_EQ("not_yet", code_of(index_->last_of(kTerms[0], engine::Tier::memory_only)));
  ASSERT_TRUE(index_->last_of(kTerms[0], engine::Tier::disk));
}

}  // namespace
}  // namespace daybook
