#include "storage/verify.h"

#include <filesystem>
#include <unordered_map>

#include "storage/book/book.h"
#include "storage/book/directory_lock.h"
#include "storage/book/proof.h"
#include "storage/engine/keys.h"
#include "storage/index/index.h"
#include "storage/index/tally.h"
#include "storage/verify_groups.h"

namespace daybook {
namespace {

constexpr std::size_t at(BookColumn column) {
  return static_cast<std::size_t>(column);
}
constexpr std::size_t at(IndexColumn column) {
  return static_cast<std::size_t>(column);
}

class Verification {
 public:
  Verification(const engine::Database& book, const engine::Database* index, VerifyReport& report)
      : book_(book), index_(index), report_(report) {}

  Result<void> run(const std::function<void(Offset, Offset)>& progress) {
    if (auto read = read_blocks(progress); !read) return read;
    const auto tell = [this](std::string what) { damage(std::move(what)); };
    if (auto read = verify_groups(book_, report_.head, tell); !read) return read;
    if (!index_) return {};
    if (auto read = read_postings(); !read) return read;
    if (auto read = read_ids(); !read) return read;
    compare("postings", from_blocks_, from_index_);
    compare("ids", ids_from_blocks_, ids_from_index_);
    return {};
  }

 private:
  void damage(std::string what) {
    if (report_.damages.size() < kDamagesMax) report_.damages.push_back(std::move(what));
  }

  void compare(std::string_view what, const Tally& blocks, const Tally& index) {
    for (const Tally::Difference& difference : blocks.compare(index))
      damage("index/: " + std::string(what) + " of offsets " +
             std::to_string(difference.first.value) + " to " +
             std::to_string(difference.last.value) + " differ: the blocks give " +
             std::to_string(difference.mine) + ", the index has " +
             std::to_string(difference.others) + "; delete index/ to rebuild it");
  }

  Result<void> read_blocks(const std::function<void(Offset, Offset)>& progress) {
    Offset next{1};
    engine::Cursor cursor = book_.walk(at(BookColumn::blocks));
    for (cursor.seek(engine::Key()); cursor.valid(); cursor.next()) {
      auto block = Block::open(std::string(cursor.value()));
      const Offset key{engine::last_number(cursor.key())};
      if (!block || (*block)->first() != key) {
        damage("block " + std::to_string(key.value) + ": " +
               (block ? "it begins at another offset" : block.error().detail));
        continue;
      }
      if (key != next)
        damage("after offset " + std::to_string((next - 1).value) + " comes " +
               std::to_string(key.value));
      check_events(**block);
      next = (*block)->last() + 1;
      progress(next - 1, report_.head);
    }
    report_.aggregates = sequences_.size();
    report_.postings = from_blocks_.count();
    return cursor.status();
  }

  void check_events(const Block& block) {
    for (Offset offset = block.first(); offset <= block.last(); offset = offset + 1) {
      auto event = block.event(offset);
      if (!event) {
        damage("offset " + std::to_string(offset.value) + ": " + event.error().detail);
        continue;
      }
      check_event(*event);
      if (offset <= report_.posted) add_postings(*event);
    }
  }

  void check_event(const EventView& event) {
    const std::string where = "offset " + std::to_string(event.offset.value) + ": ";
    if (event.recorded_at < last_recorded_) damage(where + "recorded before the event before it");
    last_recorded_ = event.recorded_at;
    Sequence& last = sequences_[aggregate_term(event.aggregate_type, event.aggregate_id)];
    if (event.sequence != last + 1)
      damage(where + "sequence " + std::to_string(event.sequence.value) + " follows " +
             std::to_string(last.value));
    last = event.sequence;
  }

  void add_postings(const EventView& event) {
    Tally& tally = from_blocks_;
    const Offset offset = event.offset;
    tally.add(term(TermKind::event_type, event.event_type), offset);
    tally.add(term(TermKind::aggregate_type, event.aggregate_type), offset);
    tally.add(aggregate_term(event.aggregate_type, event.aggregate_id), offset,
              event.sequence.value);
    for (const std::string_view tag : event.tags) tally.add(term(TermKind::tag, tag), offset);
    if (!event.correlation_id.empty())
      tally.add(term(TermKind::correlation, event.correlation_id), offset);
    if (!event.causation_id.empty())
      tally.add(term(TermKind::causation, event.causation_id), offset);
    if (event.sequence == Sequence{1})
      tally.add(term(TermKind::listed, event.aggregate_type, event.aggregate_id), Offset{0});
    if (!event.id.server_made())
      ids_from_blocks_.add(id_term(event.id_space, event.id.text), offset,
                           event.digest.low ^ event.digest.high);
  }

  Result<void> read_postings() {
    engine::Cursor cursor = index_->walk(at(IndexColumn::postings));
    for (cursor.seek(engine::Key()); cursor.valid(); cursor.next()) {
      const std::string_view key = cursor.key();
      const std::string_view term = key.substr(
          engine::kKeyPrefixBytes, key.size() - engine::kKeyPrefixBytes - sizeof(std::uint64_t));
      if (auto added = add_posting(term, engine::last_number(key), cursor.value()); !added)
        damage("index/: " + added.error().detail);
    }
    return cursor.status();
  }

  Result<void> add_posting(std::string_view term, std::uint64_t number, std::string_view value) {
    if (term.front() == static_cast<char>(TermKind::listed)) {
      from_index_.add(term, Offset{0});
      return {};
    }
    if (term.front() != static_cast<char>(TermKind::aggregate)) {
      auto offsets = decode_offsets(value);
      if (!offsets) return offsets.error();
      for (const Offset offset : *offsets) from_index_.add(term, offset);
      return {};
    }
    auto chunk = decode_aggregate(Sequence{number}, value);
    if (!chunk) return chunk.error();
    for (std::size_t i = 0; i < chunk->offsets.size(); ++i)
      from_index_.add(term, chunk->offsets[i], number + i);
    return {};
  }

  Result<void> read_ids() {
    engine::Cursor cursor = index_->walk(at(IndexColumn::ids));
    for (cursor.seek(engine::Key()); cursor.valid(); cursor.next()) {
      auto known = decode_known_id(cursor.value());
      if (!known)
        damage("index/: " + known.error().detail);
      else
        ids_from_index_.add(cursor.key().substr(engine::kKeyPrefixBytes), known->offset,
                            known->digest.low ^ known->digest.high);
    }
    return cursor.status();
  }

  const engine::Database& book_;
  const engine::Database* index_;
  VerifyReport& report_;
  Timestamp last_recorded_{INT64_MIN};
  std::unordered_map<std::string, Sequence> sequences_;
  Tally from_blocks_;
  Tally from_index_;
  Tally ids_from_blocks_;
  Tally ids_from_index_;
};

// An index that cannot be read is one line of damage: the next start rebuilds it.
std::unique_ptr<engine::Database> open_index(const std::string& data_dir, VerifyReport& report) {
  if (!std::filesystem::exists(data_dir + "/index/CURRENT")) return nullptr;
  auto index =
      engine::Database::open_read_only(data_dir + "/index", index_options(nullptr, nullptr));
  if (!index) {
    report.damages.push_back("index/ cannot be read: " + index.error().detail +
                             "; delete it to rebuild it");
    return nullptr;
  }
  auto posted = Index::posted_in(**index);
  if (posted) {
    report.posted = *posted;
    return std::move(*index);
  }
  report.damages.push_back(posted.error().detail);
  return nullptr;
}

}  // namespace

Result<VerifyReport> verify(const std::string& data_dir,
                            const std::function<void(Offset, Offset)>& progress) {
  VerifyReport report;
  auto lock = DirectoryLock::take(data_dir);
  if (!lock) return lock.error();
  auto book = engine::Database::open_read_only(data_dir + "/book", book_options(nullptr, nullptr));
  if (!book) return book.error();
  const auto end = prove_gapless(**book);
  const auto mark = HeadMark::open(data_dir + "/head");
  if (end) report.head = end->head;
  if (mark) report.marked = (*mark)->load().head;
  if (!end) report.damages.push_back(end.error().detail);
  if (!mark) report.damages.push_back(mark.error().detail);
  if (end && mark)
    if (auto proved = prove_end(*end, (*mark)->load(), data_dir); !proved)
      report.damages.push_back(proved.error().detail);
  const std::unique_ptr<engine::Database> index = open_index(data_dir, report);
  if (auto run = Verification(**book, index.get(), report).run(progress); !run) return run.error();
  return report;
}

Result<Offset> repair_head(const std::string& data_dir) {
  auto lock = DirectoryLock::take(data_dir);
  if (!lock) return lock.error();
  auto book = engine::Database::open_read_only(data_dir + "/book", book_options(nullptr, nullptr));
  if (!book) return book.error();
  auto end = prove_gapless(**book);
  if (!end) return end.error();
  auto log = Book::log_id_in(**book);
  if (!log) return log.error();
  std::error_code failed;
  std::filesystem::remove(data_dir + "/head", failed);
  if (failed) return Error{Errc::io_failed, data_dir + "/head: " + failed.message()};
  auto mark = HeadMark::create(data_dir + "/head", *log);
  if (!mark) return mark.error();
  (*mark)->store(*end);
  if (auto synced = (*mark)->sync(); !synced) return synced.error();
  return end->head;
}

}  // namespace daybook
