#include "storage/index/index.h"

#include <algorithm>
#include <filesystem>

#include "storage/base/bytes.h"
#include "storage/base/check.h"
#include "storage/book/durable_file.h"
#include "storage/engine/keys.h"

namespace daybook {
namespace {

constexpr std::size_t at(IndexColumn column) {
  return static_cast<std::size_t>(column);
}
constexpr std::uint64_t kLastNumber = ~std::uint64_t{0};

engine::Key key(std::string_view term, std::uint64_t number) {
  return engine::Key().raw(term).number(number);
}

// All keys of a term, and nothing else.
struct TermBounds {
  explicit TermBounds(std::string_view term)
      : lower(key(term, 0).bytes()), upper(key(term, kLastNumber).bytes()) {}
  engine::Bounds bounds(engine::Tier tier) const {
    return {.lower = lower, .upper = upper, .one_prefix = true, .tier = tier};
  }
  std::string lower;
  std::string upper;
};

void add_within(const std::vector<Offset>& offsets, Between bounds, Order order,
                std::vector<Offset>& out) {
  const auto begin = std::ranges::upper_bound(offsets, bounds.after);
  const auto end = std::ranges::lower_bound(offsets, bounds.before);
  if (begin >= end) return;
  if (order == Order::ascending)
    out.insert(out.end(), begin, end);
  else
    out.insert(out.end(), std::make_reverse_iterator(end), std::make_reverse_iterator(begin));
}

// The entries of aggregates begin with two times; the offsets follow.
Result<std::vector<Offset>> offsets_of(std::string_view term, const engine::Cursor& cursor) {
  if (term.front() != static_cast<char>(TermKind::aggregate)) return decode_offsets(cursor.value());
  auto chunk = decode_aggregate({engine::last_number(cursor.key())}, cursor.value());
  if (!chunk) return chunk.error();
  return std::move(chunk->offsets);
}

// A damaged list does, too: so it is read next, and tells.
bool begins_by(const engine::Cursor& cursor, Offset offset) {
  const auto first = first_of_aggregate(cursor.value());
  return !first || *first <= offset;
}

// To the last of an aggregate's lists that begins at or before the offset; nowhere where there is
// none. Keys carry sequences, which grow with the offsets: bisects them.
Result<void> seek_aggregate(engine::Cursor& cursor, std::string_view term, Offset offset) {
  cursor.seek_backwards(key(term, kLastNumber - 1));
  if (!cursor.valid() || begins_by(cursor, offset)) return cursor.status();
  std::uint64_t low = 0;  // the list of this sequence begins by the offset, or there is none
  std::uint64_t high = engine::last_number(cursor.key());  // the list here begins beyond it
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    cursor.seek_backwards(key(term, middle));
    if (auto status = cursor.status(); !status) return status;
    if (cursor.valid() && !begins_by(cursor, offset))
      high = engine::last_number(cursor.key());
    else
      low = middle;
  }
  cursor.seek_backwards(key(term, low));
  return cursor.status();
}

// The same for any term.
Result<void> seek_list(engine::Cursor& cursor, std::string_view term, Offset offset) {
  if (term.front() == static_cast<char>(TermKind::aggregate))
    return seek_aggregate(cursor, term, offset);
  cursor.seek_backwards(key(term, offset.value));
  return cursor.status();
}

// A file that asks the next start to build the index anew.
std::string rebuild_mark(const std::string& directory) {
  return directory + "/REBUILD";
}

Result<void> leave_rebuild_mark(const std::string& directory) {
  if (auto written = write_synced(rebuild_mark(directory), {}); !written) return written;
  return sync_directory(directory);
}

}  // namespace

engine::Options index_options(engine::SharedMemory* memory, engine::FileSystem* file_system) {
  engine::Options options;
  options.columns = {{.name = "postings", .number_ended = true},
                     {.name = "ids", .bloom_filter = true},
                     {.name = "meta"}};
  options.write_ahead_log = false;
  options.memory = memory;
  options.file_system = file_system;
  return options;
}

Index::Index(const Options& options) : options_(options), directory_(options.data_dir + "/index") {}

Result<std::unique_ptr<Index>> Index::open(const Options& options) {
  std::unique_ptr<Index> index(new Index(options));
  Result<void> opened = Error{Errc::corrupted, "a file of it was found damaged"};
  if (!std::filesystem::exists(rebuild_mark(index->directory_))) opened = index->open_database();
  if (!opened && opened.error().code == Errc::io_failed) opened = index->open_database();
  if (!opened && opened.error().code == Errc::io_failed)
    return Error{Errc::io_failed,
                 opened.error().detail + "; or delete " + index->directory_ + " to rebuild it"};
  if (!opened) opened = index->begin_anew(opened.error().detail);
  if (!opened) return opened.error();
  return index;
}

Result<void> Index::open_database() {
  database_.reset();
  const engine::Options how = index_options(options_.memory, options_.file_system);
  auto database = engine::Database::open(directory_, how, true);
  if (!database) return database.error();
  database_ = std::move(*database);
  return read_meta();
}

Result<void> Index::begin_anew(const std::string& why) {
  why_rebuilt_ = why;
  database_.reset();
  posted_.store(0);
  // Without CURRENT it is no database any more: wherever a kill cuts the deleting off, the next
  // start takes nothing that is left for an index.
  std::error_code failed;
  if (std::filesystem::remove(directory_ + "/CURRENT", failed))
    if (auto synced = sync_directory(directory_); !synced) return synced;
  if (!failed) std::filesystem::remove_all(directory_, failed);
  if (failed) return Error{Errc::io_failed, "deleting " + directory_ + ": " + failed.message()};
  return open_database();
}

Result<Offset> Index::posted_in(const engine::Database& index) {
  auto posted = index.get(at(IndexColumn::meta), engine::Key().raw("posted"));
  if (!posted) return posted.error();
  if (!*posted) return Offset{0};
  if ((*posted)->size() != LogId{}.size() + sizeof(std::uint64_t))
    return Error{Errc::corrupted, "index/ does not say how far it reaches"};
  return Offset{read_little<std::uint64_t>((*posted)->data() + LogId{}.size())};
}

Result<void> Index::read_meta() {
  auto posted = posted_in(*database_);
  if (!posted) return posted.error();
  if (posted->value == 0) return {};
  auto meta = database_->get(at(IndexColumn::meta), engine::Key().raw("posted"));
  if (!meta) return meta.error();
  const LogId& log = options_.log;
  if (std::string_view(**meta).substr(0, log.size()) !=
      std::string_view(reinterpret_cast<const char*>(log.data()), log.size()))
    return Error{Errc::corrupted, "index/ belongs to another log"};
  if (*posted > options_.head) return Error{Errc::corrupted, "index/ is ahead of book/"};
  posted_.store(posted->value);
  return {};
}

Result<void> Index::post(const Segment& segment) {
  CHECK(segment.first() == posted() + 1);
  if (auto added = database_->ingest(chunks_of(segment, options_.log)); !added) {
    if (added.error().code != Errc::corrupted) return added;
    const auto marked = leave_rebuild_mark(directory_);
    if (marked) return added;
    return Error{Errc::corrupted, added.error().detail + "; no mark to rebuild it could be left (" +
                                      marked.error().detail + "): delete " + directory_ +
                                      " before the next start"};
  }
  posted_.store(segment.last().value);
  return {};
}

Result<void> Index::collect(std::string_view term, Between bounds, Order order, std::size_t max,
                            std::vector<Offset>& out) const {
  const TermBounds all(term);
  engine::Cursor cursor =
      database_->walk(at(IndexColumn::postings), all.bounds(engine::Tier::disk));
  const bool ascending = order == Order::ascending;
  // A list that begins before the bounds may reach into them.
  const Offset from = ascending ? bounds.after : std::min(bounds.before, kEndOfLog - 1);
  if (auto sought = seek_list(cursor, term, from); !sought) return sought;
  if (ascending && !cursor.valid()) cursor.seek(all.lower);
  for (; cursor.valid(); ascending ? cursor.next() : cursor.previous()) {
    auto offsets = offsets_of(term, cursor);
    if (!offsets) return offsets.error();
    if (ascending ? offsets->front() >= bounds.before : offsets->back() <= bounds.after) break;
    add_within(*offsets, bounds, order, out);
    if (out.size() >= max) break;
  }
  return cursor.status();
}

Result<std::vector<std::string>> Index::terms_with_prefix(std::string_view prefix) const {
  std::vector<std::string> terms;
  const engine::Key from = engine::Key().raw(prefix);
  engine::Cursor cursor = database_->walk(at(IndexColumn::postings), {.lower = from});
  cursor.seek(from);
  while (cursor.valid() && cursor.key().starts_with(from.bytes())) {
    const std::string_view key_bytes = cursor.key();
    const std::string_view term =
        key_bytes.substr(engine::kKeyPrefixBytes,
                         key_bytes.size() - engine::kKeyPrefixBytes - sizeof(std::uint64_t));
    terms.emplace_back(term);
    cursor.seek(key(terms.back(), kLastNumber));  // Past all lists of this term.
  }
  if (auto status = cursor.status(); !status) return status.error();
  return terms;
}

Result<std::optional<AggregateChunk>> Index::last_of(std::string_view aggregate_term,
                                                     engine::Tier tier) const {
  const TermBounds all(aggregate_term);
  engine::Cursor cursor = database_->walk(at(IndexColumn::postings), all.bounds(tier));
  cursor.seek_backwards(key(aggregate_term, kLastNumber - 1));
  if (!cursor.valid()) {
    if (auto status = cursor.status(); !status) return status.error();
    return std::optional<AggregateChunk>{};
  }
  auto chunk = decode_aggregate({engine::last_number(cursor.key())}, cursor.value());
  if (!chunk) return chunk.error();
  return std::optional<AggregateChunk>{std::move(*chunk)};
}

Result<std::optional<AggregateChunk>> Index::first_of(std::string_view aggregate_term) const {
  const TermBounds all(aggregate_term);
  engine::Cursor cursor =
      database_->walk(at(IndexColumn::postings), all.bounds(engine::Tier::disk));
  cursor.seek(all.lower);
  if (!cursor.valid()) {
    if (auto status = cursor.status(); !status) return status.error();
    return std::optional<AggregateChunk>{};
  }
  auto chunk = decode_aggregate({engine::last_number(cursor.key())}, cursor.value());
  if (!chunk) return chunk.error();
  return std::optional<AggregateChunk>{std::move(*chunk)};
}

Result<std::vector<Offset>> Index::sequences(std::string_view aggregate_term, Sequence from,
                                             Sequence to) const {
  std::vector<Offset> out;
  const TermBounds all(aggregate_term);
  engine::Cursor cursor =
      database_->walk(at(IndexColumn::postings), all.bounds(engine::Tier::disk));
  for (cursor.seek_backwards(key(aggregate_term, from.value)); cursor.valid(); cursor.next()) {
    auto chunk = decode_aggregate({engine::last_number(cursor.key())}, cursor.value());
    if (!chunk) return chunk.error();
    if (chunk->first_sequence > to) break;
    for (std::size_t i = 0; i < chunk->offsets.size(); ++i) {
      const Sequence sequence = chunk->first_sequence + i;
      if (from <= sequence && sequence <= to) out.push_back(chunk->offsets[i]);
    }
  }
  if (auto status = cursor.status(); !status) return status.error();
  return out;
}

Result<std::optional<KnownId>> Index::id(std::string_view id_term, engine::Tier tier) const {
  auto value = database_->get(at(IndexColumn::ids), engine::Key().raw(id_term), tier);
  if (!value) return value.error();
  if (!*value) return std::optional<KnownId>{};
  auto known = decode_known_id(**value);
  if (!known) return known.error();
  return std::optional<KnownId>{*known};
}

Result<std::vector<std::string>> Index::listed(std::string_view prefix, std::string_view after,
                                               std::size_t max) const {
  std::vector<std::string> terms;
  const engine::Key lowest = engine::Key().raw(prefix);
  engine::Cursor cursor = database_->walk(at(IndexColumn::postings), {.lower = lowest});
  cursor.seek(after > prefix ? engine::Key().raw(after).bytes() : lowest.bytes());
  for (; cursor.valid() && terms.size() < max; cursor.next()) {
    const std::string_view key_bytes = cursor.key();
    if (!key_bytes.starts_with(lowest.bytes())) break;
    const std::string_view term =
        key_bytes.substr(engine::kKeyPrefixBytes,
                         key_bytes.size() - engine::kKeyPrefixBytes - sizeof(std::uint64_t));
    if (term > after) terms.emplace_back(term);
  }
  if (auto status = cursor.status(); !status) return status.error();
  return terms;
}

}  // namespace daybook
