#include "storage/engine/rocks_options.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "storage/engine/file_system.h"
#include "storage/engine/range_collector.h"

namespace daybook::engine {
namespace {

// What RocksDB says, in words alone, of a column family that is not there, and of one that nobody
// asked for.
constexpr const char* kNoColumn = "Column family not found";
constexpr std::string_view kUnknownColumn = "Column families not opened";

// RocksDB's own info log aborts the process on a full disk: nothing of it is kept. What matters
// comes back as a status.
class NoLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

// What precedes the number that ends a key.
class AllButNumber final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "daybook.all_but_number"; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() >= kNumberBytes; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - kNumberBytes};
  }

 private:
  static constexpr std::size_t kNumberBytes = sizeof(std::uint64_t);
};

rocksdb::BlockBasedTableOptions table_options(const Options& options, const Column& column) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  if (options.memory) table.block_cache = options.memory->impl().cache;
  if (column.large_values) return table;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  if (column.bloom_filter || column.number_ended) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.partition_filters = true;
    table.whole_key_filtering = !column.number_ended;
  }
  return table;
}

}  // namespace

rocksdb::DBOptions database_options(const Options& options, bool create) {
  rocksdb::DBOptions db;
  db.create_if_missing = create;
  db.create_missing_column_families = create;
  db.info_log = std::make_shared<NoLogger>();
  db.paranoid_checks = true;
  // A torn tail is normal after a power cut. That the log did not end early is proved by us, from
  // the head mark: kTolerateCorruptedTailRecords would open silently shorter.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // What was recovered may have been in the page cache only: it is written and synced anew.
  db.avoid_flush_during_recovery = false;
  db.track_and_verify_wals_in_manifest = options.write_ahead_log;
  db.max_total_wal_size = options.wal_bytes_max;  // the default took 1.7 s to reopen
  db.bytes_per_sync = 1 << 20;                    // else a flush stalls the fsync of the WAL
  db.max_background_jobs = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  if (options.memory) db.write_buffer_manager = options.memory->impl().memtables;
  if (options.file_system) db.env = options.file_system->env();
  return db;
}

rocksdb::ColumnFamilyOptions column_options(const Options& options, const Column& column) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = column.large_values ? 32 << 20 : 8 << 20;
  family.max_write_buffer_number = 4;
  family.compression = column.large_values ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.bottommost_compression_opts.level = 1;
  family.bottommost_compression_opts.enabled = true;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options, column)));
  if (column.number_ended) {
    family.prefix_extractor = std::make_shared<AllButNumber>();
    // Each ingested chunk spans all keys: merging many at once rewrites the rest less often, and
    // the prefix filter keeps reads from opening those that have nothing.
    family.level0_file_num_compaction_trigger = 12;
  }
  if (column.range_of)
    family.table_properties_collector_factories.push_back(
        std::make_shared<RangeCollectorFactory>(column.range_of));
  return family;
}

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const std::string text = status.ToString();
  const auto says = [&](std::string_view what) { return text.find(what) != std::string::npos; };
  // A file that should be there and is not, or is of no known format, is damage like any other.
  const bool is_damage = status.IsCorruption() || status.IsPathNotFound() ||
                         status.IsNotSupported() || says(kUnknownColumn);
  Errc code = is_damage ? Errc::corrupted : Errc::io_failed;
  if (status.IsInvalidArgument() && says(kNoColumn)) code = Errc::not_found;
  return {code, std::string(doing) + ": " + text};
}

SharedMemory::SharedMemory(std::size_t cache_bytes, std::size_t memtable_bytes)
    : impl_(std::make_unique<Impl>()) {
  impl_->cache = rocksdb::NewLRUCache(cache_bytes, 4);
  impl_->memtables = std::make_shared<rocksdb::WriteBufferManager>(memtable_bytes);
}

SharedMemory::~SharedMemory() = default;
SharedMemory::SharedMemory(SharedMemory&&) noexcept = default;

}  // namespace daybook::engine
