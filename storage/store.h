// The log: one writer, many readers. Opens the book and its index, applies commands, and gives out
// the readers that see what is committed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/aggregates.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/book/book.h"
#include "storage/book/directory_lock.h"
#include "storage/evidence.h"
#include "storage/groups.h"
#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/log_writer.h"
#include "storage/model/command.h"
#include "storage/reader.h"

namespace daybook {

class Store {
 public:
  struct Options {
    std::string data_dir;
    std::size_t cache_bytes = 128 << 20;    // RocksDB's block cache, both databases
    std::size_t memtable_bytes = 96 << 20;  // both databases
    std::size_t window_bytes = 192 << 20;   // unposted events; over it appends are `overloaded`
    std::size_t condition_postings = Limits{}.condition_postings;
    std::size_t heads_cached = 1 << 20;
    std::uint32_t chunk_events = limits::chunk_events;
    LogId new_log_id{};                // for a log that does not exist yet: random
    std::uint64_t hash_seed = 0;       // random
    std::optional<QueueTime> started;  // when the daemon was; else now
    engine::FileSystem* file_system = nullptr;
  };

  // `corrupted` names the damage; nothing on disk was changed then. An index that is missing or
  // damaged is rebuilt before this returns.
  static Result<std::unique_ptr<Store>> open(Options options);
  // The same without waiting for the index: until `recover_next` has nothing left to do, events
  // are read by offset, groups work, and all else fails with `recovering`.
  static Result<std::unique_ptr<Store>> open_early(Options options);
  ~Store();

  // Any thread.
  Offset committed() const { return window_->committed(); }
  Offset written() const { return writer_->written(); }
  const LogId& log_id() const { return book_->log_id(); }
  const Reader& reader() const { return *reader_; }
  const Aggregates& aggregates() const { return *aggregates_; }
  const Groups& groups() const { return *groups_; }
  const Index& index() const { return *index_; }
  const Window& window() const { return *window_; }
  const Book& book() const { return *book_; }
  Result<Evidence> gather(const Command& command, engine::Tier tier) const {
    return gatherer_->gather(command, tier);
  }
  // Whether the index is so far behind that appends have to wait.
  bool index_is_behind() const { return window_->unposted_bytes() > options_.window_bytes; }
  // How far a rebuild is: `index().posted()` of `committed()`.
  bool is_recovering() const { return !window_->is_whole(); }

  // The writer thread: what decides and commits.
  LogWriter& writer() { return *writer_; }
  // A whole commit at once, all on the writer thread.
  void apply(std::span<Job* const> jobs);
  bool failed() const { return writer_->failure().has_value(); }

  // The index thread, first of all: one bounded step to bring index and window up to the book.
  // False: nothing is left. A damaged index is begun anew, once.
  Result<bool> recover_next();
  // The index thread. Why the index was rebuilt at start; empty: it was not.
  const std::string& why_rebuilt() const { return index_->why_rebuilt(); }
  // The index thread. Posts one complete segment; false: none was complete.
  Result<bool> post_next();
  // At a clean stop, after the last `apply`: posts what is left.
  Result<void> post_all();
  // The keeper, every second: what was acknowledged is proved at the next start.
  Result<void> sync_head_mark() { return book_->sync_head_mark(); }

 private:
  explicit Store(Options options) : options_(std::move(options)) {}
  void begin_window();
  void begin_load();
  Result<Timestamp> last_recorded() const;

  const Options options_;
  std::unique_ptr<DirectoryLock> lock_;
  engine::SharedMemory memory_{options_.cache_bytes, options_.memtable_bytes};
  std::unique_ptr<Book> book_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<Groups> groups_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Aggregates> aggregates_;
  std::unique_ptr<Gatherer> gatherer_;
  std::unique_ptr<LogWriter> writer_;

  Offset loaded_;  // of the window, by the index thread
};

}  // namespace daybook
