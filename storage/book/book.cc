#include "storage/book/book.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "storage/base/bytes.h"
#include "storage/base/check.h"
#include "storage/base/limits.h"
#include "storage/book/durable_file.h"
#include "storage/book/group_row.h"
#include "storage/book/proof.h"
#include "storage/book/stored_groups.h"
#include "storage/engine/keys.h"

namespace daybook {
namespace {

constexpr std::size_t at(BookColumn column) {
  return static_cast<std::size_t>(column);
}

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kLogIdKey = "log_id";
constexpr std::string_view kFormat = "1";

engine::Key block_key(Offset first) {
  return engine::Key().number(first.value);
}
engine::Key meta_key(std::string_view name) {
  return engine::Key().raw(name);
}

// The rows of a group's queue, and its dead letters, have its name before their number.
struct RangeOfGroup {
  explicit RangeOfGroup(const std::string& group)
      : from(engine::Key().name(group)), to(engine::Key().raw(group).kind('\x01')) {}
  engine::Key from;
  engine::Key to;  // exclusive: no name goes on with a control character
};
engine::Key dead_letter_key(const std::string& group, Offset offset) {
  return engine::Key().name(group).number(offset.value);
}

engine::Key request_key(const std::string& principal, const std::string& key) {
  return engine::Key().name(principal).raw(key);
}

std::string_view log_id_text(const LogId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

Result<void> check_format(const engine::Database& book) {
  auto format = book.get(at(BookColumn::meta), meta_key(kFormatKey));
  if (!format) return format.error();
  if (*format == std::string(kFormat)) return {};
  return Error{Errc::corrupted, "book/ has format " + format->value_or("(none)") +
                                    ", this version of Daybook reads format 1"};
}

Result<std::unique_ptr<HeadMark>> open_mark(const Book::Options& options, bool has_book) {
  const std::string path = options.data_dir + "/head";
  auto mark = HeadMark::open(path);
  if (mark || mark.error().code != Errc::not_found) return mark;
  if (!has_book) return HeadMark::create(path, options.new_log_id);
  return Error{Errc::corrupted,
               path + " is missing, so that the end of the log cannot be proved: restore it, or " +
                   "accept the log as it is with `daybook verify --repair-head " +
                   options.data_dir + "`"};
}

Error damaged_letter(const std::string& group, Offset offset, const Error& error) {
  return {Errc::corrupted, readable_name(group) + ", dead letter " + std::to_string(offset.value) +
                               ": " + error.detail};
}

// RocksDB syncs the names in book/, and nobody else that of book/ itself. At each start: the one
// that made it may have been killed.
Result<void> sync_names(const std::string& data_dir) {
  if (auto synced = sync_directory(data_dir); !synced) return synced;
  const std::string parent = data_dir + "/..";
  if (::access(parent.c_str(), R_OK) != 0) return {};  // Then somebody else made data_dir.
  return sync_directory(parent);
}

}  // namespace

engine::Options book_options(engine::SharedMemory* memory, engine::FileSystem* file_system) {
  engine::Options options;
  options.columns = {
      {.name = "blocks", .large_values = true, .range_of = block_range},
      {.name = "groups"},
      {.name = "dead_letters"},
      {.name = "request_keys", .bloom_filter = true},
      {.name = "snapshots"},
      {.name = "schemas"},
      {.name = "meta"},
  };
  options.memory = memory;
  options.file_system = file_system;
  return options;
}

void Commit::add_block(Offset first, std::string_view encoded) {
  writes_.put(at(BookColumn::blocks), block_key(first), encoded);
}

void Commit::put_group(const std::string& name, const GroupRow& row) {
  writes_.put(at(BookColumn::groups), engine::Key().raw(name), encode(row));
}

void Commit::remove_group(const std::string& name) {
  const RangeOfGroup all(name);
  writes_.remove(at(BookColumn::groups), engine::Key().raw(name));
  writes_.remove_range(at(BookColumn::groups), all.from, all.to);
  writes_.remove_range(at(BookColumn::dead_letters), all.from, all.to);
}

void Commit::put_queue_row(const std::string& group, const QueueRow& row) {
  writes_.put(at(BookColumn::groups), engine::Key().name(group).slot(row.slot), row.bytes);
}

void Commit::put_dead_letter(const std::string& group, Offset offset, std::string_view row) {
  writes_.put(at(BookColumn::dead_letters), dead_letter_key(group, offset), row);
}

void Commit::remove_dead_letter(const std::string& group, Offset offset) {
  writes_.remove(at(BookColumn::dead_letters), dead_letter_key(group, offset));
}

void Commit::remember(const std::string& principal, const std::string& key,
                      const RememberedRequest& request) {
  std::string value;
  append_little(value, request.body.low);
  append_little(value, request.body.high);
  append_varint(value, request.first.value);
  append_varint(value, request.count);
  writes_.put(at(BookColumn::request_keys), request_key(principal, key), value);
}

Result<std::unique_ptr<Book>> Book::open(const Options& options) {
  std::unique_ptr<Book> book(new Book);
  const std::string directory = options.data_dir + "/book";
  const engine::Options how = book_options(options.memory, options.file_system);
  const bool has_book = std::filesystem::exists(directory + "/CURRENT");
  auto mark = open_mark(options, has_book);
  if (!mark) return mark.error();
  book->data_dir_ = options.data_dir;
  book->started_ = options.started;
  book->mark_ = std::move(*mark);
  book->cache_ = std::make_unique<BlockCache>(options.cache_bytes);
  if (auto looked = book->look(directory, how, has_book); !looked) return looked.error();

  auto database = engine::Database::open(directory, how, true);
  if (!database) return database.error();
  book->database_ = std::move(*database);
  if (auto read = book->read(*book->database_); !read) return read.error();
  if (auto begun = book->begin(); !begun) return begun.error();
  if (auto synced = sync_names(options.data_dir); !synced) return synced.error();
  return book;
}

// Opens only to look, so that a refusal leaves every byte as it was found.
Result<void> Book::look(const std::string& directory, const engine::Options& how, bool has_book) {
  if (!has_book) return prove_end({}, mark_->load(), data_dir_);
  auto looked = engine::Database::open_read_only(directory, how);
  // A first start that was cut off before anything could be acknowledged: it is begun again.
  if (!looked && looked.error().code == Errc::not_found && mark_->load() == BookEnd{}) return {};
  if (!looked) return looked.error();
  return read(**looked);
}

Result<LogId> Book::log_id_in(const engine::Database& book) {
  auto text = book.get(at(BookColumn::meta), meta_key(kLogIdKey));
  if (!text) return text.error();
  LogId id{};
  if (!*text || (*text)->size() != id.size())
    return Error{Errc::corrupted, "book/ does not say which log it is"};
  std::memcpy(id.data(), (*text)->data(), id.size());
  return id;
}

Result<void> Book::read(const engine::Database& book) {
  auto end = prove_gapless(book);
  if (!end) return end.error();
  if (auto proved = prove_end(*end, mark_->load(), data_dir_); !proved) return proved;
  end_at_open_ = *end;
  log_id_ = mark_->log();
  if (end->change == 0) return {};  // It says nothing yet: see `begin`.
  auto id = log_id_in(book);
  if (!id) return id.error();
  if (*id != log_id_) return Error{Errc::corrupted, "book/ and head belong to different logs"};
  if (auto format = check_format(book); !format) return format;
  return read_groups(book);
}

Result<void> Book::read_groups(const engine::Database& book) {
  return each_group(book, [this](const StoredGroup& stored) -> Result<void> {
    auto group = open_group(stored, started_);
    if (!group) return Error{Errc::corrupted, "book/: " + group.error().detail};
    if (group->queue) queues_.insert_or_assign(stored.name, std::move(group->queue));
    groups_at_open_.insert_or_assign(stored.name, std::move(group->row));
    return {};
  });
}

Result<void> Book::begin() {
  mark_->store(end_at_open_);
  if (end_at_open_.change > 0) return {};
  engine::WriteSet writes = database_->new_writes();
  writes.put(at(BookColumn::meta), meta_key(kLogIdKey), log_id_text(log_id_));
  writes.put(at(BookColumn::meta), meta_key(kFormatKey), kFormat);
  return database_->write(writes, true);
}

Result<void> Book::write(Commit& commit, Offset head) {
  if (auto written = database_->write(commit.writes(), true); !written) return written.error();
  mark_->store({.head = head, .change = database_->last_change()});
  return {};
}

Result<std::shared_ptr<const Block>> Book::block_at(Offset offset) const {
  if (auto cached = cache_->find(offset)) return cached;
  blocks_read_.fetch_add(1, std::memory_order_relaxed);
  engine::Cursor cursor = database_->walk(at(BookColumn::blocks));
  cursor.seek_backwards(block_key(offset));
  if (!cursor.valid()) {
    if (auto status = cursor.status(); !status) return status.error();
    return Error{Errc::corrupted, "book/ has no block for offset " + std::to_string(offset.value)};
  }
  auto block = Block::open(std::string(cursor.value()));
  if (!block)
    return Error{Errc::corrupted,
                 "offset " + std::to_string(offset.value) + ": " + block.error().detail};
  if (!(*block)->contains(offset))
    return Error{Errc::corrupted, "book/ has no block for offset " + std::to_string(offset.value)};
  cache_->add(*block);
  return *block;
}

Result<Offset> Book::last_before(Timestamp time, Offset head) const {
  Offset low{0};  // recorded before `time`, or nothing
  Offset high = head + 1;
  while (high - low > 1) {
    const Offset middle = low + (high - low) / 2;
    auto block = block_at(middle);
    if (!block) return block.error();
    auto event = (*block)->event(middle);
    if (!event) return event.error();
    (event->recorded_at < time ? low : high) = middle;
  }
  return low;
}

Result<std::optional<RememberedRequest>> Book::remembered(const std::string& principal,
                                                          const std::string& key,
                                                          engine::Tier tier) const {
  auto value = database_->get(at(BookColumn::request_keys), request_key(principal, key), tier);
  if (!value) return value.error();
  if (!*value) return std::optional<RememberedRequest>{};
  ByteReader in(**value);
  RememberedRequest request;
  request.body.low = in.little<std::uint64_t>();
  request.body.high = in.little<std::uint64_t>();
  request.first = {in.varint()};
  request.count = static_cast<std::uint32_t>(in.varint());
  if (!in.ok()) return Error{Errc::corrupted, "a remembered request is damaged"};
  return std::optional<RememberedRequest>{request};
}

Result<std::optional<DeadLetter>> Book::dead_letter(const std::string& group, Offset offset) const {
  auto row = database_->get(at(BookColumn::dead_letters), dead_letter_key(group, offset));
  if (!row) return row.error();
  if (!*row) return std::optional<DeadLetter>{};
  auto letter = decode_dead_letter(**row);
  if (!letter) return damaged_letter(group, offset, letter.error());
  return std::optional<DeadLetter>{std::move(*letter)};
}

Result<DeadLetters> Book::dead_letters(const std::string& group, Offset after,
                                       std::size_t max) const {
  DeadLetters page;
  std::size_t bytes = 0;
  const RangeOfGroup all(group);
  engine::Cursor cursor =
      database_->walk(at(BookColumn::dead_letters), {.lower = all.from, .upper = all.to});
  for (cursor.seek(dead_letter_key(group, after + 1)); cursor.valid(); cursor.next()) {
    if (page.letters.size() >= max || bytes >= limits::page_bytes_max) {
      page.complete = false;
      break;
    }
    const Offset offset{engine::last_number(cursor.key())};
    auto letter = decode_dead_letter(cursor.value());
    if (!letter) return damaged_letter(group, offset, letter.error());
    bytes += cursor.value().size();
    page.letters.emplace_back(offset, std::move(*letter));
  }
  if (auto status = cursor.status(); !status) return status.error();
  return page;
}

}  // namespace daybook
