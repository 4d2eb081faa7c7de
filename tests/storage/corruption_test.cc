// Damages each kind of file of a closed log in each way: every answer afterwards is right or a
// named error, at the start or at the read; nothing goes missing silently.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>

#include "storage/engine/crash_file_system.h"
#include "storage/store.h"
#include "tests/storage/seed.h"
#include "tests/storage/witness.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// What an event says, as one text.
std::string text_of(const EventView& event) {
  std::string text = std::to_string(event.offset.value) + "," +
                     std::to_string(event.sequence.value) + "," + event.id.to_string() + "," +
                     std::to_string(event.recorded_at.micros);
  for (const std::string_view part :
       {event.aggregate_type, event.aggregate_id, event.event_type, event.payload, event.metadata})
    text.append(",").append(part);
  for (const std::string_view tag : event.tags) text.append(",").append(tag);
  return text + "\n";
}

std::string error_text(const Error& error) {
  EXPECT_FALSE(error.detail.empty());
  return "error: " + std::string(name(error.code));
}

// All events of a query, or the error that ended it.
std::string answer(const Store& store, Query query) {
  std::string all;
  for (query.limit = 40;;) {
    const auto page = store.reader().read(query, engine::Tier::disk);
    if (!page) return error_text(page.error());
    for (const EventView& event : page->events) all += text_of(event);
    if (!page->next) return all;
    (query.order == Order::ascending ? query.after : query.before) = *page->next;
  }
}

std::string answer(const Store& store, const std::string& type, const std::string& id) {
  const auto info = store.aggregates().find(type, id);
  if (!info) return error_text(info.error());
  return std::to_string(info->sequence.value) + "," + std::to_string(info->first_offset.value) +
         "," + std::to_string(info->last_offset.value);
}

using Answers = std::map<std::string, std::string>;

// Everything that the log of `make_log` can be asked.
Answers ask_everything(const Store& store) {
  Answers answers;
  answers["head"] = std::to_string(store.committed().value);
  for (const auto& [group, row] : store.groups().all())
    answers["group " + group] = std::to_string(row.committed.value);
  answers["all"] = answer(store, {});
  Query backwards;
  backwards.order = Order::descending;
  answers["all, backwards"] = answer(store, backwards);
  for (Offset at{1}; at <= store.committed(); at = at + 1) {
    const auto page = store.reader().find(at, engine::Tier::disk);
    answers["offset " + std::to_string(at.value)] =
        page ? text_of(page->events.front()) : error_text(page.error());
  }
  for (int i = 0; i < 7; ++i) {
    Query query;
    const std::string number = std::to_string(i);
    query.filter.aggregate_type = "thing";
    query.filter.aggregate_id = "a" + number;
    answers["aggregate " + number] = answer(store, query);
    answers["facts of aggregate " + number] = answer(store, "thing", "a" + number);
    query.filter = {};
    query.filter.event_types = {"thing.done" + number};
    answers["type " + number] = answer(store, query);
    query.filter = {};
    query.filter.tags = {"tag:" + number};
    answers["tag " + number] = answer(store, query);
  }
  for (int batch = 0; batch < 30; ++batch) {
    const std::string id = "b" + std::to_string(batch) + "-0";
    const auto page = store.reader().find("", id, engine::Tier::disk);
    answers["id " + id] = page ? text_of(page->events.front()) : error_text(page.error());
  }
  return answers;
}

struct Damage {
  const char* name;
  std::function<void(const fs::path&, std::mt19937_64&)> act;
};

void flip(const fs::path& path, std::mt19937_64& random) {
  std::string bytes = bytes_of(path);
  if (bytes.empty()) return;
  bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
  overwrite(path, bytes);
}

void zero_page(const fs::path& path, std::mt19937_64& random) {
  constexpr std::size_t kPage = 4096;
  std::string bytes = bytes_of(path);
  if (bytes.empty()) return;
  const std::size_t from = random() % bytes.size() / kPage * kPage;
  const std::size_t count = std::min(kPage, bytes.size() - from);
  overwrite(path, bytes.replace(from, count, count, '\0'));
}

void truncate_to(const fs::path& path, std::size_t bytes) {
  fs::resize_file(path, bytes);
}

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"flip", flip},
      {"flip again", flip},
      {"zero", zero_page},
      {"empty", [](const fs::path& path, std::mt19937_64&) { truncate_to(path, 0); }},
      {"cut one byte",
       [](const fs::path& path, std::mt19937_64&) {
         if (fs::file_size(path) > 0) truncate_to(path, fs::file_size(path) - 1);
       }},
      {"cut anywhere",
       [](const fs::path& path, std::mt19937_64& random) {
         if (fs::file_size(path) > 0) truncate_to(path, random() % fs::file_size(path));
       }},
      {"delete", [](const fs::path& path, std::mt19937_64&) { fs::remove(path); }},
  };
  return all;
}

class CorruptionTest : public testing::Test {
 protected:
  CorruptionTest() {
    std::string pattern = testing::TempDir() + "daybook-corruption-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    files_ = std::make_unique<engine::CrashFileSystem>((root_ / "scratch").string());
    make_log();
  }
  ~CorruptionTest() override {
    files_.reset();
    fs::remove_all(root_);
  }

  // The file system forgets nothing here: it only spares the tests the waiting for fsync.
  Result<std::unique_ptr<Store>> open_log(const fs::path& data_dir) {
    Store::Options options;
    options.data_dir = data_dir.string();
    options.cache_bytes = 1 << 20;
    options.memtable_bytes = 512 << 10;
    options.chunk_events = 48;
    options.new_log_id = LogId{7};
    options.file_system = files_.get();
    return Store::open(std::move(options));
  }

  fs::path intact() const { return root_ / "intact"; }
  fs::path damaged() const { return root_ / ("damaged" + std::to_string(copies_)); }
  void copy_intact() {
    fs::remove_all(damaged());
    ++copies_;
    fs::copy(intact(), damaged(), fs::copy_options::recursive);
  }

  // Files of several ages, a write-ahead log and a window behind the index. Group commits come
  // last, and events before them: the end of the log may be either.
  void make_log() {
    Witness witness(seed_);
    for (int life = 0; life < 3; ++life) {
      auto store = open_log(intact());
      ASSERT_TRUE(store) << store.error().detail;
      for (int i = 0; i < 12; ++i) ASSERT_TRUE(witness.append(**store));
      if (life < 2) {
        ASSERT_TRUE((*store)->post_all());
        continue;
      }
      commit_group(**store);
      right_ = ask_everything(**store);
    }
  }

  static void commit_group(Store& store) {
    std::vector<Job> jobs(5);
    jobs[0].command = PutGroup{.group = "late", .settings = {}};
    for (std::uint64_t i = 1; i < jobs.size(); ++i)
      jobs[i].command = CommitOffset{.group = "late", .offset = Offset{i}, .generation = {}};
    for (Job& job : jobs) {
      Job* one[] = {&job};
      store.apply(one);
      ASSERT_TRUE(job.result) << job.result.error().detail;
    }
  }

  // Each file below `folder` that is not a directory, relative to the data directory.
  std::vector<fs::path> files_in(const std::string& folder) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(intact() / folder))
      if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), intact()));
    std::sort(files.begin(), files.end());
    return files;
  }

  void expect_named_error(const Error& error) {
    EXPECT_TRUE(error.code == Errc::corrupted || error.code == Errc::io_failed)
        << name(error.code) << ": " << error.detail;
    EXPECT_NE(std::string::npos, error.detail.find('/')) << "names no file: " << error.detail;
  }

  // A start that refused has not made the damage look whole: the next one refuses, too, or has
  // rebuilt what was damaged.
  void expect_right_or_refused() {
    auto store = open_log(damaged());
    if (!store) {
      expect_named_error(store.error());
      ++refused_;
      store = open_log(damaged());
    }
    if (store) expect_right(**store);
  }

  void expect_right(const Store& store) {
    const Answers answers = ask_everything(store);
    EXPECT_EQ(right_.at("head"), answers.at("head")) << "the log became shorter, silently";
    for (const auto& [question, right] : right_) {
      const auto found = answers.find(question);
      ASSERT_NE(answers.end(), found) << question << " is gone";
      if (found->second == right) continue;
      EXPECT_TRUE(found->second == "error: corrupted" || found->second == "error: io_failed")
          << question << ": " << found->second.substr(0, 200);
      ++errors_;
    }
  }

  void damage_each_file_of(const std::string& folder) {
    std::mt19937_64 random(seed_);
    for (const fs::path& file : files_in(folder)) {
      for (const Damage& damage : damages()) {
        SCOPED_TRACE(std::string(damage.name) + " " + file.string());
        copy_intact();
        damage.act(damaged() / file, random);
        ASSERT_NO_FATAL_FAILURE(expect_right_or_refused());
      }
    }
  }

  const std::uint64_t seed_ = test_seed();
  fs::path root_;
  std::unique_ptr<engine::CrashFileSystem> files_;
  int copies_ = 0;
  Answers right_;
  int refused_ = 0;  // starts
  int errors_ = 0;   // answers
};

TEST_F(CorruptionTest, TheIntactLogAnswersAsBefore) {
  copy_intact();
  expect_right_or_refused();
  EXPECT_EQ(0, refused_);
  EXPECT_EQ(0, errors_);
}

TEST_F(CorruptionTest, NoFileOfTheBookLiesSilently) {
  ASSERT_NO_FATAL_FAILURE(damage_each_file_of("book"));
  EXPECT_GT(refused_, 0);
}

TEST_F(CorruptionTest, NoFileOfTheIndexLiesSilentlyOrKeepsTheLogFromStarting) {
  ASSERT_NO_FATAL_FAILURE(damage_each_file_of("index"));
  EXPECT_EQ(0, refused_);
}

TEST_F(CorruptionTest, TheHeadMarkTellsWhatIsMissing) {
  ASSERT_NO_FATAL_FAILURE(damage_each_file_of("."));
  EXPECT_GT(refused_, 0);
}

TEST_F(CorruptionTest, AMissingIndexIsRebuilt) {
  copy_intact();
  fs::remove_all(damaged() / "index");
  expect_right_or_refused();
  EXPECT_EQ(0, refused_);
  EXPECT_EQ(0, errors_);
}

TEST_F(CorruptionTest, AMissingBookIsRefused) {
  copy_intact();
  fs::remove_all(damaged() / "book");
  const auto store = open_log(damaged());
  ASSERT_FALSE(store);
  EXPECT_EQ(Errc::corrupted, store.error().code);
}

}  // namespace
}  // namespace daybook
