#include "storage/engine/database.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>

#include "storage/engine/file_system.h"
#include "storage/engine/range_collector.h"
#include "storage/engine/rocks_options.h"

namespace daybook::engine {
namespace {

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

}  // namespace

struct WriteSet::Impl {
  rocksdb::WriteBatch batch;
  const std::vector<rocksdb::ColumnFamilyHandle*>& handles;
};

WriteSet::WriteSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WriteSet::~WriteSet() = default;
WriteSet::WriteSet(WriteSet&&) noexcept = default;
WriteSet& WriteSet::operator=(WriteSet&&) noexcept = default;

void WriteSet::put(std::size_t column, std::string_view key, std::string_view value) {
  impl_->batch.Put(impl_->handles[column], slice(key), slice(value));
}

void WriteSet::remove(std::size_t column, std::string_view key) {
  impl_->batch.Delete(impl_->handles[column], slice(key));
}

void WriteSet::remove_range(std::size_t column, std::string_view from, std::string_view to) {
  impl_->batch.DeleteRange(impl_->handles[column], slice(from), slice(to));
}

bool WriteSet::empty() const {
  return impl_->batch.Count() == 0;
}

struct Cursor::Impl {
  std::string lower;
  std::string upper;
  rocksdb::Slice lower_slice;
  rocksdb::Slice upper_slice;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cursor::~Cursor() = default;
Cursor::Cursor(Cursor&&) noexcept = default;
bool Cursor::valid() const {
  return impl_->iterator->Valid();
}
void Cursor::next() {
  impl_->iterator->Next();
}
void Cursor::previous() {
  impl_->iterator->Prev();
}
void Cursor::seek(std::string_view key) {
  impl_->iterator->Seek(slice(key));
}
void Cursor::seek_backwards(std::string_view key) {
  impl_->iterator->SeekForPrev(slice(key));
}
std::string_view Cursor::key() const {
  return view(impl_->iterator->key());
}
std::string_view Cursor::value() const {
  return view(impl_->iterator->value());
}

Result<void> Cursor::status() const {
  const rocksdb::Status status = impl_->iterator->status();
  if (status.IsIncomplete()) return Error{Errc::not_yet, "not in memory"};
  if (!status.ok()) return to_error(status, "reading a range");
  return {};
}

struct Database::Impl {
  std::string directory;
  Options options;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // by column; the default family is last

  ~Impl() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    if (db) db->Close();
  }

  std::vector<rocksdb::ColumnFamilyDescriptor> families() const {
    std::vector<rocksdb::ColumnFamilyDescriptor> all;
    all.reserve(options.columns.size() + 1);
    for (const Column& column : options.columns)
      all.emplace_back(column.name, column_options(options, column));
    all.emplace_back(rocksdb::kDefaultColumnFamilyName,
                     column_options(options, Column{.name = "default"}));
    return all;
  }

  Result<rocksdb::IngestExternalFileArg> make_file(const SortedChunk& chunk) const;
  Result<void> check_ingested(const SortedChunk& chunk) const;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& directory,
                                                 const Options& options, bool create) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  impl->options = options;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database_options(options, create), directory,
                                                   impl->families(), &impl->handles, &db);
  if (!status.ok()) return to_error(status, "opening " + directory);
  impl->db.reset(db);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<std::unique_ptr<Database>> Database::open_read_only(const std::string& directory,
                                                           const Options& options) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  impl->options = options;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      database_options(options, false), directory, impl->families(), &impl->handles, &db);
  if (!status.ok()) return to_error(status, "opening " + directory + " to look");
  impl->db.reset(db);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<std::optional<std::string>> Database::get(std::size_t column, std::string_view key,
                                                 Tier tier) const {
  rocksdb::ReadOptions options;
  if (tier == Tier::memory_only) options.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      impl_->db->Get(options, impl_->handles[column], slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (status.IsIncomplete()) return Error{Errc::not_yet, "not in memory"};
  if (!status.ok()) return to_error(status, "reading from " + impl_->directory);
  return std::optional<std::string>{value.ToString()};
}

Cursor Database::walk(std::size_t column, Bounds bounds) const {
  auto cursor = std::make_unique<Cursor::Impl>();
  cursor->lower = bounds.lower;
  cursor->upper = bounds.upper;
  rocksdb::ReadOptions options;
  if (bounds.tier == Tier::memory_only) options.read_tier = rocksdb::kBlockCacheTier;
  options.fill_cache = bounds.fills_cache;
  options.total_order_seek = !bounds.one_prefix;
  options.prefix_same_as_start = bounds.one_prefix;
  if (!bounds.lower.empty()) {
    cursor->lower_slice = slice(cursor->lower);
    options.iterate_lower_bound = &cursor->lower_slice;
  }
  if (!bounds.upper.empty()) {
    cursor->upper_slice = slice(cursor->upper);
    options.iterate_upper_bound = &cursor->upper_slice;
  }
  cursor->iterator.reset(impl_->db->NewIterator(options, impl_->handles[column]));
  return Cursor(std::move(cursor));
}

WriteSet Database::new_writes() const {
  return WriteSet(std::make_unique<WriteSet::Impl>(
      WriteSet::Impl{.batch = rocksdb::WriteBatch(), .handles = impl_->handles}));
}

Result<void> Database::write(WriteSet& writes, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  options.disableWAL = !impl_->options.write_ahead_log;
  const rocksdb::Status status = impl_->db->Write(options, &writes.impl().batch);
  if (!status.ok()) return to_error(status, "writing to " + impl_->directory);
  return {};
}

Result<rocksdb::IngestExternalFileArg> Database::Impl::make_file(const SortedChunk& chunk) const {
  const Column& column = options.columns[chunk.column];
  const std::string path = directory + "/posting-" + column.name + ".sst";
  const rocksdb::Options file_options(database_options(options, false),
                                      column_options(options, column));
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(file_options), file_options,
                                handles[chunk.column]);
  // After a crash the name may still stand for a file that was ingested under another one: writing
  // through it would destroy that file.
  rocksdb::Status status = db->GetEnv()->DeleteFile(path);
  if (status.ok() || status.IsNotFound() || status.IsPathNotFound()) status = writer.Open(path);
  for (auto entry = chunk.entries.begin(); status.ok() && entry != chunk.entries.end(); ++entry)
    status = writer.Put(entry->key, entry->value);
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return to_error(status, "writing " + path);
  rocksdb::IngestExternalFileArg file;
  file.column_family = handles[chunk.column];
  file.external_files = {path};
  file.options.move_files = true;
  file.options.failed_move_fall_back_to_copy = true;
  file.options.write_global_seqno = false;
  return file;
}

// RocksDB 7.8.3 reads a file's first and last key when it takes it over, and does not look whether
// reading failed: one read error then gives a file that holds nothing as far as look-ups can tell.
Result<void> Database::Impl::check_ingested(const SortedChunk& chunk) const {
  if (chunk.entries.empty()) return {};
  for (const Entry* entry : {&chunk.entries.front(), &chunk.entries.back()}) {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        db->Get(rocksdb::ReadOptions(), handles[chunk.column], entry->key, &value);
    if (status.ok() && value == rocksdb::Slice(entry->value)) continue;
    return Error{Errc::corrupted, "a file that " + directory +
                                      " took over does not show its keys (" + status.ToString() +
                                      ")"};
  }
  return {};
}

Result<void> Database::ingest(const std::vector<SortedChunk>& chunks) {
  std::vector<rocksdb::IngestExternalFileArg> files;
  for (const SortedChunk& chunk : chunks) {
    if (chunk.entries.empty()) continue;
    auto file = impl_->make_file(chunk);
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  const rocksdb::Status status = impl_->db->IngestExternalFiles(files);
  if (!status.ok()) return to_error(status, "adding postings to " + impl_->directory);
  for (const SortedChunk& chunk : chunks)
    if (auto found = impl_->check_ingested(chunk); !found) return found.error();
  return {};
}

Result<void> Database::flush() {
  rocksdb::FlushOptions options;
  const rocksdb::Status status = impl_->db->Flush(options, impl_->handles);
  if (!status.ok()) return to_error(status, "flushing " + impl_->directory);
  return {};
}

std::uint64_t Database::last_change() const {
  return impl_->db->GetLatestSequenceNumber();
}

Result<std::vector<FileRange>> Database::file_ranges(std::size_t column) const {
  rocksdb::TablePropertiesCollection tables;
  const rocksdb::Status status =
      impl_->db->GetPropertiesOfAllTables(impl_->handles[column], &tables);
  if (!status.ok()) return to_error(status, "reading file properties of " + impl_->directory);
  std::vector<FileRange> ranges;
  for (const auto& [file, properties] : tables) {
    auto range = range_of_file(file, *properties);
    if (!range) return Error{Errc::corrupted, file + " does not say which offsets it holds"};
    ranges.push_back(std::move(*range));
  }
  std::ranges::sort(ranges, {}, &FileRange::first);
  return ranges;
}

std::uint64_t disk_bytes(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code failed;  // ends the walk
  std::filesystem::directory_iterator at(directory, failed);
  for (; at != std::filesystem::directory_iterator(); at.increment(failed)) {
    std::error_code gone;  // A file may vanish while the directory is walked.
    const std::uintmax_t size = at->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace daybook::engine
