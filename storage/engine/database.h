// A RocksDB database of column families, as the rest of the code sees it. RocksDB is included by
// storage/engine alone; its statuses become `Error` here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/result.h"

namespace daybook::engine {

// Memory that several databases share: one block cache and one bound on memtables.
class SharedMemory {
 public:
  SharedMemory(std::size_t cache_bytes, std::size_t memtable_bytes);
  ~SharedMemory();
  SharedMemory(SharedMemory&&) noexcept;
  struct Impl;
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Where the bytes go. The default is the operating system's file system; tests pass one that loses
// what was not synced.
class FileSystem;

// One file's worth of a column family, told by `RangeOf` when the file was written.
struct FileRange {
  std::string file;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;
};

// Reads (first number, count of numbers) out of one entry. Its results over a file are kept with
// the file, so that gaps show without reading values. nullopt: the entry is damaged.
using RangeOf = std::optional<std::pair<std::uint64_t, std::uint32_t>> (*)(std::string_view key,
                                                                           std::string_view value);

struct Column {
  std::string name;
  bool large_values = false;   // values of a block's size, not of a row's
  bool bloom_filter = false;   // many look-ups of keys that do not exist
  bool number_ended = false;   // keys end in 8 bytes of number; the filter knows what precedes
  RangeOf range_of = nullptr;  // numbers whose gaplessness `file_ranges` proves
};

struct Options {
  std::vector<Column> columns;  // by index in all calls below
  bool write_ahead_log = true;
  std::size_t wal_bytes_max = 96 << 20;
  SharedMemory* memory = nullptr;     // must outlive the database
  FileSystem* file_system = nullptr;  // must outlive the database
};

// May a read wait for the disk?
enum class Tier : std::uint8_t { memory_only, disk };

struct Entry {
  std::string key;
  std::string value;
};

// Changes that become visible, and durable, together. Made by `Database::new_writes`, which it must
// not outlive.
class WriteSet {
 public:
  struct Impl;
  explicit WriteSet(std::unique_ptr<Impl> impl);
  ~WriteSet();
  WriteSet(WriteSet&&) noexcept;
  WriteSet& operator=(WriteSet&&) noexcept;
  void put(std::size_t column, std::string_view key, std::string_view value);
  void remove(std::size_t column, std::string_view key);
  // Every key from `from` on that is less than `to`, those that this set has put before included.
  void remove_range(std::size_t column, std::string_view from, std::string_view to);
  bool empty() const;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// Sorted entries of one column that enter a database as a file: see `Database::ingest`.
struct SortedChunk {
  std::size_t column = 0;
  std::vector<Entry> entries;  // strictly ascending keys
};

// The bounds of a walk; copied by `walk`.
struct Bounds {
  std::string_view lower = {};  // inclusive
  std::string_view upper = {};  // exclusive; empty: none
  // All keys wanted are alike but for the number that ends them (columns with `number_ended`):
  // files that have none are passed by.
  bool one_prefix = false;
  Tier tier = Tier::disk;
  bool fills_cache = true;  // false for what is read once: the block cache stays as it is
};

// Walks the keys of one column within bounds. Must not outlive the database, nor a coroutine's
// suspension: it pins files.
class Cursor {
 public:
  struct Impl;
  explicit Cursor(std::unique_ptr<Impl> impl);
  ~Cursor();
  Cursor(Cursor&&) noexcept;
  bool valid() const;
  void next();
  void previous();
  void seek(std::string_view key);            // the first entry at or after
  void seek_backwards(std::string_view key);  // the last entry at or before
  std::string_view key() const;               // until the next move
  std::string_view value() const;             // until the next move
  // Damage ends a walk early, and so does the edge of memory (`not_yet`): ask at its end.
  Result<void> status() const;

 private:
  std::unique_ptr<Impl> impl_;
};

class Database {
 public:
  // Opens for writing; creates what is missing where `create`.
  static Result<std::unique_ptr<Database>> open(const std::string& directory,
                                                const Options& options, bool create);
  // Opens to look: nothing on disk changes, recovery included. `not_found` where a column is
  // missing: it was never created to the end.
  static Result<std::unique_ptr<Database>> open_read_only(const std::string& directory,
                                                          const Options& options);
  ~Database();  // handles, then database
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // nullopt where the key is not there. With Tier::memory_only also `not_yet`: the disk must be
  // asked. The value is checked against its checksum.
  Result<std::optional<std::string>> get(std::size_t column, std::string_view key,
                                         Tier tier = Tier::disk) const;
  Cursor walk(std::size_t column, Bounds bounds = {}) const;

  WriteSet new_writes() const;
  // Durable on return where `sync`. After an error nothing is known of the disk: write no more.
  Result<void> write(WriteSet& writes, bool sync);
  // Adds the chunks as files, atomically over the columns; durable on return. `corrupted` where
  // they were taken over without their keys: what the database now says of them is wrong.
  Result<void> ingest(const std::vector<SortedChunk>& chunks);
  Result<void> flush();
  // The number of the last change, counted over all columns. Grows with every write, and a
  // database that recovers to its end counts as far as before. Any thread; costs one load.
  std::uint64_t last_change() const;

  Result<std::vector<FileRange>> file_ranges(std::size_t column) const;  // ascending by `first`

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What the files of a database's directory take on disk.
std::uint64_t disk_bytes(const std::string& directory);

}  // namespace daybook::engine
