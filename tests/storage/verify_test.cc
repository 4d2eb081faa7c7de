// What an offline check finds, and that it changes nothing.
#include "storage/verify.h"

#include <filesystem>
#include <fstream>

#include "storage/book/book.h"
#include "storage/book/directory_lock.h"
#include "storage/engine/keys.h"
#include "storage/index/tally.h"
#include "tests/storage/store_fixture.h"

namespace daybook {
namespace {

using namespace test;

class VerifyTest : public StoreTest {
 protected:
  VerifyTest() {
    append_events(20, {.event_type = "a", .tags = {"t"}});
    EXPECT_EQ("ok", code_of(append({.events = {{.aggregate_id = "2", .id = "mine"}, {}}})));
    EXPECT_EQ("ok", code_of(command(PutGroup{.group = "g", .settings = {.start = FromHead{}}})));
    EXPECT_EQ("ok", code_of(store_->post_all()));
    EXPECT_EQ("ok", code_of(append({.events = {{.tags = {"t"}}}})));
    store_.reset();
  }

  VerifyReport check() {
    auto report = verify(dir_.path(), [this](Offset read, Offset of) {
      EXPECT_LE(read, of);
      last_progress_ = read;
    });
    EXPECT_TRUE(report) << report.error().detail;
    return report ? *report : VerifyReport{};
  }

  // Changes one value behind the store's back.
  void change(const std::string& database, const engine::Options& how, std::size_t column,
              const std::string& key, const std::string& value) {
    auto opened = engine::Database::open(dir_.path() + database, how, false);
    ASSERT_TRUE(opened);
    ASSERT_EQ("ok", code_of((*opened)->ingest({{.column = column, .entries = {{key, value}}}})));
  }
  void change_index(IndexColumn column, const std::string& key, const std::string& value) {
    change("/index", index_options(nullptr, nullptr), static_cast<std::size_t>(column), key, value);
  }
  void mark(BookEnd end) { (*HeadMark::open(dir_.path() + "/head"))->store(end); }
  void expect_damage(const std::string& part) {
    const VerifyReport report = check();
    ASSERT_FALSE(report.damages.empty());
    EXPECT_NE(std::string::npos, report.damages[0].find(part)) << report.damages[0];
  }

  Offset last_progress_;
};

TEST_F(VerifyTest, AWholeDirectoryHasNoDamage) {
  for (int times = 0; times < 2; ++times) {
    const VerifyReport report = check();
    EXPECT_EQ(std::vector<std::string>{}, report.damages);
    EXPECT_EQ(Offset{23}, report.head);
    EXPECT_EQ(Offset{23}, report.marked);
    EXPECT_EQ(Offset{22}, report.posted);
    EXPECT_EQ(2u, report.aggregates);
    EXPECT_EQ(Offset{23}, last_progress_);
    // Each posted event by type, aggregate type and aggregate; tags; each aggregate once.
    EXPECT_EQ(22u * 3 + 20 + 2, report.postings);
  }
  open();
  EXPECT_EQ(Offset{23}, store_->committed());
}

class VerifyQueuesTest : public VerifyTest {
 protected:
  VerifyQueuesTest() {
    open();
    PutGroup put{.group = "q"};
    put.settings.mode = GroupMode::queue;
    EXPECT_EQ("ok", code_of(command(put)));
    store_.reset();
  }
  std::string letter(std::uint64_t offset) {
    auto book = Book::open({.data_dir = dir_.path()});
    auto block = (*book)->block_at(Offset{offset});
    return encode_dead_letter(*(*block)->event(Offset{offset}), {.attempts = 1});
  }
  void change_book(BookColumn column, const engine::Key& key, const std::string& value) {
    change("/book", book_options(nullptr, nullptr), static_cast<std::size_t>(column), key.bytes(),
           value);
  }
  static engine::Key letter_of(const std::string& group) {
    return engine::Key().name(group).number(5);
  }
};

TEST_F(VerifyQueuesTest, AQueueWithADeadLetterIsNoDamage) {
  change_book(BookColumn::dead_letters, letter_of("q"), letter(5));
  EXPECT_EQ(std::vector<std::string>{}, check().damages);
}

TEST_F(VerifyQueuesTest, ADamagedRowOfAQueueIsFound) {
  change_book(BookColumn::groups, engine::Key().name("q").slot(0), "\x7f");
  expect_damage("group q: ");
}

TEST_F(VerifyQueuesTest, AQueueWithoutItsGroupIsFound) {
  change_book(BookColumn::groups, engine::Key().name("r").slot(3), "\x7f");
  expect_damage("group r: its queue is there, and the group is not");
}

TEST_F(VerifyQueuesTest, DamagedDeadLettersAreFound) {
  std::string damaged = letter(5);
  damaged[40] = static_cast<char>(damaged[40] ^ 1);
  change_book(BookColumn::dead_letters, letter_of("q"), damaged);
  expect_damage("group q, dead letter 5: ");
  change_book(BookColumn::dead_letters, letter_of("q"), letter(6));
  expect_damage("group q, dead letter 5: its copy is of another event");
  change_book(BookColumn::dead_letters, letter_of("q"), letter(5));
  change_book(BookColumn::dead_letters, letter_of("g"), letter(5));
  expect_damage("group g, dead letter 5: its queue is not there");
}

TEST_F(VerifyTest, AnIndexThatWasNeverPostedIsNoDamage) {
  std::filesystem::remove_all(dir_.path() + "/index");
  const VerifyReport report = check();
  EXPECT_EQ(std::vector<std::string>{}, report.damages);
  EXPECT_EQ(Offset{0}, report.posted);
}

TEST_F(VerifyTest, APostingTooManyIsFound) {
  Segment one(Offset{23});
  change_index(IndexColumn::postings,
               engine::Key().raw(term(TermKind::tag, "x")).number(23).bytes(),
               encode_places(one, Places{0u}));
  expect_damage("postings of offsets");
}

TEST_F(VerifyTest, APostingThatNamesAnotherOffsetIsFound) {
  Segment one(Offset{2});
  change_index(IndexColumn::postings,
               engine::Key().raw(term(TermKind::event_type, "a")).number(1).bytes(),
               encode_places(one, Places{0u}));
  expect_damage("postings of offsets");
}

TEST_F(VerifyTest, AnIdWithOtherContentIsFound) {
  change_index(IndexColumn::ids, engine::Key().raw(id_term("", "mine")).bytes(),
               encode(KnownId{.offset = Offset{21}, .digest = {1, 2}}));
  expect_damage("ids of offsets");
}

TEST_F(VerifyTest, AListThatCannotBeReadIsFound) {
  change_index(IndexColumn::postings, engine::Key().raw(term(TermKind::tag, "t")).number(1).bytes(),
               "\x05\x01");
  expect_damage("posting list is damaged");
}

TEST_F(VerifyTest, AnIndexThatCannotBeOpenedIsOneLine) {
  std::ofstream(dir_.path() + "/index/CURRENT", std::ios::trunc) << "MANIFEST-none\n";
  expect_damage("index/ cannot be read");
}

TEST_F(VerifyTest, AMissingOrLateMarkIsFoundAndRepaired) {
  mark({.head = Offset{50}});
  expect_damage("head says that offset 50");
  EXPECT_EQ("corrupted", code_of(Store::open(options_)));
  auto head = repair_head(dir_.path());
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(Offset{23}, *head);
  EXPECT_TRUE(check().damages.empty());
  std::filesystem::remove(dir_.path() + "/head");
  EXPECT_FALSE(check().damages.empty());
  ASSERT_TRUE(repair_head(dir_.path()));
  open();
  EXPECT_EQ(Offset{23}, store_->committed());
  EXPECT_EQ("", store_->why_rebuilt()) << "the log kept its id";
}

TEST_F(VerifyTest, LostGroupCommitsAreFoundAndAccepted) {
  mark({.head = Offset{23}, .change = 1'000});
  expect_damage("head says that change 1000");
  EXPECT_EQ("corrupted", code_of(Store::open(options_)));
  ASSERT_TRUE(repair_head(dir_.path()));
  EXPECT_TRUE(check().damages.empty());
  open();
}

TEST_F(VerifyTest, ADirectoryInUseIsRefused) {
  auto lock = DirectoryLock::take(dir_.path());
  ASSERT_TRUE(lock);
  const auto nothing = [](Offset, Offset) {};
  EXPECT_EQ("overloaded", code_of(verify(dir_.path(), nothing)));
  EXPECT_EQ("overloaded", code_of(repair_head(dir_.path())));
}

TEST(Tally, DiffersWhereTheSetsDo) {
  constexpr std::uint64_t kCount = 200'000;
  Tally one;
  Tally other;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    one.add("term", Offset{i});
    other.add("term", Offset{kCount - 1 - i});
  }
  EXPECT_EQ(kCount, one.count());
  EXPECT_TRUE(one.compare(other).empty()) << "order does not matter";
  other.add("term", Offset{150'000});
  other.add("other", Offset{3});
  const auto differences = one.compare(other);
  ASSERT_EQ(2u, differences.size());
  EXPECT_LE(differences[1].first, Offset{150'000});
  EXPECT_GE(differences[1].last, Offset{150'000});
}

}  // namespace
}  // namespace daybook
