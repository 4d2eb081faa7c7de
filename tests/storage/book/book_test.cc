// What a start proves before it serves anything.
#include "storage/book/book.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/engine/keys.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;
using test::append_of;
using test::code_of;
using test::describe;
using test::Request;

constexpr LogId kLog = {1, 2, 3};

class BookTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Book>> try_open() {
    book_.reset();
    return Book::open({.data_dir = dir_.path(), .new_log_id = kLog});
  }
  void open() {
    auto book = try_open();
    ASSERT_TRUE(book) << book.error().detail;
    book_ = std::move(*book);
  }
  // One block of `count` events, recorded a second apart.
  std::string block(std::uint64_t first, std::uint64_t count) {
    const Request request{.events = {{}}};
    const Append append = append_of(request);
    BlockBuilder builder;
    for (std::uint64_t i = first; i < first + count; ++i)
      builder.add(append, append.events[0],
                  {.offset = Offset{i},
                   .sequence = {i},
                   .recorded_at = {static_cast<std::int64_t>(i) * 1'000'000}});
    return builder.finish();
  }
  void write(std::uint64_t first, std::uint64_t count) {
    Commit commit = book_->new_commit();
    commit.add_block(Offset{first}, block(first, count));
    ASSERT_EQ("ok", code_of(book_->write(commit, Offset{first + count - 1})));
  }

  void commit_group(std::uint64_t offset, Offset head) {
    Commit commit = book_->new_commit();
    commit.put_group("g", {.committed = Offset{offset}});
    ASSERT_EQ("ok", code_of(book_->write(commit, head)));
  }

  std::string letter(std::uint64_t offset) {
    auto copied = Block::open(block(offset, 1));
    return encode_dead_letter(*(*copied)->event(Offset{offset}), {.attempts = 3});
  }
  // A new queue, with its first row and dead letters.
  void write_queue(const std::string& name, const std::vector<std::uint64_t>& letters) {
    Commit commit = book_->new_commit();
    GroupRow row;
    row.settings.mode = GroupMode::queue;
    Queue queue(row, Offset{2});
    commit.put_group(name, row);
    commit.put_queue_row(name, queue.take_writes().row.value());
    for (const std::uint64_t offset : letters)
      commit.put_dead_letter(name, Offset{offset}, letter(offset));
    ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  }
  std::vector<std::uint64_t> letters_of(const std::string& name, Offset after = {},
                                        std::size_t max = 100) {
    auto page = book_->dead_letters(name, after, max);
    EXPECT_TRUE(page) << page.error().detail;
    std::vector<std::uint64_t> offsets;
    for (const auto& [offset, letter] : page->letters) {
      EXPECT_EQ(offset, letter.copy->first());
      offsets.push_back(offset.value);
    }
    return offsets;
  }
  void put_in_groups(std::string_view key, std::string_view value) {
    Commit commit = book_->new_commit();
    commit.writes().put(static_cast<std::size_t>(BookColumn::groups), key, value);
    ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  }

  // The last file of book/ with this extension: names grow.
  fs::path last_file(const std::string& extension) const {
    fs::path last;
    for (const auto& file : fs::directory_iterator(dir_.path() + "/book"))
      if (file.path().extension() == extension) last = std::max(last, file.path());
    return last;
  }
  std::map<std::string, std::string> bytes_on_disk() const {
    std::map<std::string, std::string> all;
    for (const auto& file : fs::recursive_directory_iterator(dir_.path()))
      if (file.is_regular_file()) {
        std::ifstream in(file.path(), std::ios::binary);
        all[file.path()] = {std::istreambuf_iterator<char>(in), {}};
      }
    return all;
  }
  void expect_refused_unchanged(const std::string& part) {
    const auto before = bytes_on_disk();
    for (int times = 0; times < 2; ++times) {
      auto refused = try_open();
      ASSERT_FALSE(refused);
      EXPECT_EQ(Errc::corrupted, refused.error().code);
      EXPECT_NE(std::string::npos, refused.error().detail.find(part)) << refused.error().detail;
    }
    EXPECT_EQ(before, bytes_on_disk()) << "a refusal leaves the disk as it is";
  }

  test::TempDir dir_;
  std::unique_ptr<Book> book_;
};

TEST_F(BookTest, ANewOneIsEmptyAndHasTheLogIdGiven) {
  open();
  EXPECT_EQ(Offset{0}, book_->head_at_open());
  EXPECT_EQ(kLog, book_->log_id());
  EXPECT_TRUE(book_->groups_at_open().empty());
}

TEST_F(BookTest, ReopenedItHasWhatWasWritten) {
  open();
  write(1, 3);
  write(4, 1);
  Commit commit = book_->new_commit();
  const GroupRow row{.committed = Offset{3}, .generation = 2, .active_member = "m"};
  commit.put_group("g", row);
  commit.put_group("gone", row);
  commit.remove_group("gone");
  commit.remember("p", "k", {.body = {1, 2}, .first = Offset{2}, .count = 3});
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{4})));
  open();
  EXPECT_EQ(Offset{4}, book_->head_at_open());
  ASSERT_EQ(1u, book_->groups_at_open().size());
  EXPECT_EQ(describe(row), describe(book_->groups_at_open().at("g")));
  auto remembered = book_->remembered("p", "k", engine::Tier::disk);
  ASSERT_TRUE(remembered && *remembered);
  EXPECT_EQ(Offset{2}, (*remembered)->first);
  EXPECT_EQ(3u, (*remembered)->count);
  EXPECT_EQ((Digest{1, 2}), (*remembered)->body);
  EXPECT_FALSE(*book_->remembered("", "k", engine::Tier::disk));
  EXPECT_FALSE(*book_->remembered("p", "kk", engine::Tier::disk));
}

TEST_F(BookTest, FindsTheBlockOfAnyOffset) {
  open();
  write(1, 3);
  write(4, 2);
  for (std::uint64_t offset = 1; offset <= 5; ++offset)
    EXPECT_TRUE((*book_->block_at(Offset{offset}))->contains(Offset{offset}));
  EXPECT_EQ("corrupted", code_of(book_->block_at(Offset{6})));
}

TEST_F(BookTest, CountsTheBlocksThatWereNotCached) {
  open();
  write(1, 3);
  write(4, 2);
  EXPECT_EQ(0U, book_->blocks_read());
  for (const std::uint64_t offset : {1, 2, 4, 3, 5}) ASSERT_TRUE(book_->block_at(Offset{offset}));
  EXPECT_EQ(2U, book_->blocks_read());
}

TEST_F(BookTest, FindsTheLastOffsetBeforeATime) {
  open();
  write(1, 3);
  write(4, 2);
  EXPECT_EQ(Offset{0}, *book_->last_before(Timestamp{1'000'000}, Offset{5}));
  EXPECT_EQ(Offset{1}, *book_->last_before(Timestamp{1'000'001}, Offset{5}));
  EXPECT_EQ(Offset{3}, *book_->last_before(Timestamp{4'000'000}, Offset{5}));
  EXPECT_EQ(Offset{5}, *book_->last_before(Timestamp{9'000'000}, Offset{5}));
  EXPECT_EQ(Offset{0}, *book_->last_before(Timestamp{9'000'000}, Offset{0}));
}

TEST_F(BookTest, ABookThatEndsBeforeItsMarkIsRefused) {
  open();
  write(1, 3);
  book_.reset();
  {
    auto mark = HeadMark::open(dir_.path() + "/head");
    ASSERT_TRUE(mark);
    (*mark)->store({.head = Offset{9}});
  }
  auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::corrupted, refused.error().code);
  for (const char* part : {"offset 3", "offset 9", "--repair-head", "/book"})
    EXPECT_NE(std::string::npos, refused.error().detail.find(part)) << refused.error().detail;
}

// Group commits move no offset: the head alone would not miss them.
TEST_F(BookTest, GroupCommitsCutFromTheWriteAheadLogAreMissed) {
  open();
  write(1, 3);
  std::vector<std::uintmax_t> ends;
  for (std::uint64_t offset = 0; offset <= 3; ++offset) {
    ends.push_back(fs::file_size(last_file(".log")));
    commit_group(offset, Offset{3});
  }
  book_.reset();
  const fs::path log = last_file(".log");
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    ASSERT_LT(*end, fs::file_size(log));
    fs::resize_file(log, *end);
    expect_refused_unchanged("head says that change");
    expect_refused_unchanged("--repair-head");
  }
}

TEST_F(BookTest, ARequestKeyCutFromTheWriteAheadLogIsMissed) {
  open();
  write(1, 3);
  const auto end = fs::file_size(last_file(".log"));
  Commit commit = book_->new_commit();
  commit.remember("p", "k", {.first = Offset{2}, .count = 1});
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{3})));
  book_.reset();
  fs::resize_file(last_file(".log"), end);
  expect_refused_unchanged("request keys");
}

TEST_F(BookTest, AGroupOfAnEmptyLogIsMissed) {
  open();
  commit_group(0, Offset{0});
  book_.reset();
  fs::remove_all(dir_.path() + "/book");
  expect_refused_unchanged("acknowledged changes of groups");
}

TEST_F(BookTest, APageOfBeforeChangesWereCountedRefusesNothing) {
  open();
  write(1, 3);
  commit_group(2, Offset{3});
  book_.reset();
  (*HeadMark::open(dir_.path() + "/head"))->store({.head = Offset{3}});
  open();
  EXPECT_EQ(Offset{2}, book_->groups_at_open().at("g").committed);
}

TEST_F(BookTest, ADamagedGroupRowIsRefusedBeforeAnythingChanges) {
  open();
  write(1, 3);
  Commit commit = book_->new_commit();
  commit.writes().put(static_cast<std::size_t>(BookColumn::groups), engine::Key().raw("late"),
                      "\x09");
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{3})));
  book_.reset();
  expect_refused_unchanged("group late");
}

TEST_F(BookTest, ADamagedFileOfGroupsIsRefusedBeforeAnythingChanges) {
  open();
  commit_group(0, Offset{0});
  book_.reset();
  open();  // Recovery has put the rows into files.
  write(1, 3);
  commit_group(3, Offset{3});
  book_.reset();
  int refused = 0;
  for (const auto& file : fs::directory_iterator(dir_.path() + "/book")) {
    if (file.path().extension() != ".sst") continue;
    std::fstream bytes(file.path(), std::ios::binary | std::ios::in | std::ios::out);
    bytes.write("damaged!", 8);
    ++refused;
  }
  EXPECT_EQ(2, refused) << "a file of groups and one of meta";
  expect_refused_unchanged(".sst");
}

TEST_F(BookTest, AGroupInLogModeWithRowsOfAQueueIsRefused) {
  open();
  write_queue("g", {});
  commit_group(1, Offset{0});  // in log mode
  book_.reset();
  expect_refused_unchanged("group g: it has rows of a queue");
}

TEST_F(BookTest, QueuesAreRecoveredWithTheirGroups) {
  open();
  for (const std::string& name : {replay_name("g"), std::string("g"), std::string("g!")})
    write_queue(name, {});
  Commit commit = book_->new_commit();
  commit.put_group("ga", {.committed = Offset{7}});
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  open();
  EXPECT_EQ(4u, book_->groups_at_open().size());
  EXPECT_EQ(Offset{2}, book_->groups_at_open().at("g").committed) << "its queue's, not the row's";
  EXPECT_EQ(Offset{7}, book_->groups_at_open().at("ga").committed);
  auto queues = book_->take_queues();
  EXPECT_EQ(3u, queues.size());
  EXPECT_EQ(Offset{2}, queues.at(replay_name("g"))->view().committed);
}

TEST_F(BookTest, DeadLettersAreFoundByGroupAndOffset) {
  open();
  write_queue("g", {5, 300, 7});
  write_queue("ga", {6});
  EXPECT_EQ((std::vector<std::uint64_t>{5, 7, 300}), letters_of("g"));
  EXPECT_EQ((std::vector<std::uint64_t>{7, 300}), letters_of("g", Offset{5}));
  EXPECT_EQ((std::vector<std::uint64_t>{5, 7}), letters_of("g", {}, 2));
  EXPECT_FALSE(book_->dead_letters("g", {}, 2)->complete);
  EXPECT_TRUE(book_->dead_letters("g", {}, 3)->complete);
  EXPECT_EQ(std::vector<std::uint64_t>{}, letters_of("h"));
  auto one = book_->dead_letter("g", Offset{7});
  ASSERT_TRUE(one && *one);
  EXPECT_EQ(3u, (*one)->facts.attempts);
  EXPECT_FALSE(*book_->dead_letter("g", Offset{6}));
  Commit commit = book_->new_commit();
  commit.remove_dead_letter("g", Offset{7});
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  EXPECT_EQ((std::vector<std::uint64_t>{5, 300}), letters_of("g"));
}

TEST_F(BookTest, PagesOfDeadLettersAreBoundedInBytes) {
  open();
  const Request request{.events = {{.payload = std::string(1 << 20, '7')}}};
  const Append append = append_of(request);
  Commit commit = book_->new_commit();
  for (std::uint64_t offset = 1; offset <= 10; ++offset) {
    BlockBuilder builder;
    builder.add(append, append.events[0], {.offset = Offset{offset}, .sequence = {offset}});
    const auto large = Block::trust(builder.finish());
    commit.put_dead_letter("g", Offset{offset},
                           encode_dead_letter(*large->event(Offset{offset}), {}));
  }
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  EXPECT_EQ(8u, letters_of("g").size());
  EXPECT_FALSE(book_->dead_letters("g", {}, 100)->complete);
  EXPECT_EQ((std::vector<std::uint64_t>{9, 10}), letters_of("g", Offset{8}));
}

TEST_F(BookTest, ADamagedDeadLetterIsNamed) {
  open();
  Commit commit = book_->new_commit();
  commit.put_dead_letter("g", Offset{5}, letter(5).substr(0, 90));
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  const auto one = book_->dead_letter("g", Offset{5});
  const auto page = book_->dead_letters("g", {}, 10);
  EXPECT_EQ("corrupted", code_of(one));
  EXPECT_EQ("corrupted", code_of(page));
  EXPECT_NE(std::string::npos, page.error().detail.find("group g, dead letter 5"));
}

TEST_F(BookTest, WithAGroupGoesAllThatIsItsOwn) {
  open();
  for (const char* name : {"g", "g!", "ga", "f"}) write_queue(name, {5, 6});
  Commit commit = book_->new_commit();
  commit.remove_group("g");
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(std::vector<std::uint64_t>{}, letters_of("g"));
    for (const char* name : {"g!", "ga", "f"})
      EXPECT_EQ((std::vector<std::uint64_t>{5, 6}), letters_of(name));
    open();
    EXPECT_EQ(3u, book_->groups_at_open().size());
    EXPECT_EQ(3u, book_->take_queues().size());
  }
}

TEST_F(BookTest, ARowOfAQueueThatIsDamagedIsRefusedBeforeAnythingChanges) {
  open();
  write(1, 3);
  write_queue("g", {});
  put_in_groups(engine::Key().name("g").slot(0), "\x7f");
  book_.reset();
  expect_refused_unchanged("group g");
}

TEST_F(BookTest, AQueueWithoutItsGroupIsRefused) {
  open();
  put_in_groups(engine::Key().name("g").slot(0), "x");
  book_.reset();
  expect_refused_unchanged("group g: its queue is there, and the group is not");
}

TEST_F(BookTest, AQueueWithoutItsRowsIsRefused) {
  open();
  Commit commit = book_->new_commit();
  GroupRow row;
  row.settings.mode = GroupMode::queue;
  commit.put_group(replay_name("r"), row);
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{0})));
  book_.reset();
  expect_refused_unchanged("replay r");
}

TEST_F(BookTest, AHoleIsRefusedAndNamed) {
  open();
  write(1, 3);
  write(5, 2);
  auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::corrupted, refused.error().code);
  EXPECT_NE(std::string::npos, refused.error().detail.find("after offset 3 comes 5"))
      << refused.error().detail;
}

TEST_F(BookTest, AHoleAtTheBeginningIsRefused) {
  open();
  write(2, 3);
  EXPECT_EQ("corrupted", code_of(try_open()));
}

TEST_F(BookTest, AHoleInAFileIsRefused) {
  open();
  write(1, 2);
  write(4, 2);
  book_.reset();
  {  // Recovery flushes, so that the hole is in a file from now on.
    const engine::Options how = book_options(nullptr, nullptr);
    ASSERT_TRUE(engine::Database::open(dir_.path() + "/book", how, false));
  }
  EXPECT_EQ("corrupted", code_of(try_open()));
}

TEST_F(BookTest, ABookWithoutItsMarkIsRefused) {
  open();
  write(1, 3);
  book_.reset();
  std::filesystem::remove(dir_.path() + "/head");
  auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_NE(std::string::npos, refused.error().detail.find("head is missing"));
}

TEST_F(BookTest, AMarkWhoseBookIsGoneIsRefused) {
  open();
  write(1, 3);
  book_.reset();
  std::filesystem::remove_all(dir_.path() + "/book");
  EXPECT_EQ("corrupted", code_of(try_open()));
  EXPECT_FALSE(std::filesystem::exists(dir_.path() + "/book")) << "nothing on disk may change";
}

TEST_F(BookTest, AMarkOfAnotherLogIsRefused) {
  open();
  write(1, 3);
  book_.reset();
  std::filesystem::remove(dir_.path() + "/head");
  ASSERT_TRUE(HeadMark::create(dir_.path() + "/head", LogId{9}));
  EXPECT_EQ("corrupted", code_of(try_open()));
}

TEST_F(BookTest, AnotherFormatIsRefused) {
  open();
  book_.reset();
  {
    auto database =
        engine::Database::open(dir_.path() + "/book", book_options(nullptr, nullptr), false);
    ASSERT_TRUE(database);
    engine::WriteSet writes = (*database)->new_writes();
    writes.put(static_cast<std::size_t>(BookColumn::meta), std::string(4, '\0') + "format", "2");
    ASSERT_EQ("ok", code_of((*database)->write(writes, true)));
  }
  auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_NE(std::string::npos, refused.error().detail.find("format 2"));
}

TEST_F(BookTest, ADamagedBlockIsNamedByItsOffset) {
  open();
  std::string damaged = block(1, 3);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  Commit commit = book_->new_commit();
  commit.add_block(Offset{1}, damaged);
  ASSERT_EQ("ok", code_of(book_->write(commit, Offset{3})));
  auto refused = book_->block_at(Offset{2});
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::corrupted, refused.error().code);
  EXPECT_NE(std::string::npos, refused.error().detail.find("offset 2"));
}

}  // namespace
}  // namespace daybook
