// The log: one writer, many readers. Opens the book and its index, applies commands, and gives out
// the readers that see what is committed.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
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
#include "storage/decide.h"
#include "storage/evidence.h"
#include "storage/groups.h"
#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/model/command.h"
#include "storage/reader.h"

namespace daybook {

// What a command did.
struct Applied {
  // Of an append.
  std::vector<Placed> placed;    // by event; empty where it is a repeat
  std::optional<Repeat> repeat;  // the receipt is read from the log
  // Of a group command.
  GroupRow group;
  bool created = false;
};

// A command on its way through the writer.
struct Job {
  Command command;
  Evidence evidence;
  Result<Applied> result = Error{Errc::internal, "not applied yet"};
};

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
    LogId new_log_id{};           // for a log that does not exist yet: random
    std::uint64_t hash_seed = 0;  // random
    engine::FileSystem* file_system = nullptr;
    // Told while the index is rebuilt: (posted, head). May be empty.
    std::function<void(Offset, Offset)> on_progress;
  };

  // `corrupted` names the damage; nothing on disk was changed then.
  static Result<std::unique_ptr<Store>> open(Options options);
  ~Store();

  // Any thread.
  Offset committed() const { return window_->committed(); }
  Offset written() const { return Offset{written_.load()}; }
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
  // Why the index was rebuilt at start; empty: it was not.
  const std::string& why_rebuilt() const { return index_->why_rebuilt(); }

  // The writer thread. Decides the jobs in order, writes what was accepted with one fsync, and only
  // then shows it. Never reads the disk. Each job gets its own result; `evidence_stale` ones are to
  // be gathered and sent again. After an I/O error every result is that error, now and from then
  // on: nobody knows what is on disk, and the process has to end.
  void apply(std::span<Job* const> jobs);
  bool failed() const { return failure_.has_value(); }
  // How long the last `apply` waited for the disk; 0 where it wrote nothing. For metrics.
  std::chrono::nanoseconds last_sync_time() const { return last_sync_time_; }

  // The index thread. Posts one complete segment; false: none was complete.
  Result<bool> post_next();
  // At a clean stop, after the last `apply`: posts what is left.
  Result<void> post_all();
  // The keeper, every second: what was acknowledged is proved at the next start.
  Result<void> sync_head_mark() { return book_->sync_head_mark(); }

 private:
  explicit Store(Options options) : options_(std::move(options)) {}
  Result<void> load_window();

  Result<Applied> apply_one(Job& job, Commit& commit);
  Result<Applied> apply_append(const Append& append, const Evidence& evidence, Commit& commit);
  Result<Applied> apply_repeat(const Append& append, const Repeat& repeat, Commit& commit);
  std::vector<Placed> place(const Append& append, const Evidence& evidence);
  void remember(const Append& append, Offset first, Commit& commit);
  void close_block(Commit& commit);
  Result<void> write(Commit& commit);

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
  std::atomic<std::uint64_t> written_{0};

  // The writer thread alone.
  Tail tail_;
  Timestamp last_recorded_;
  BlockBuilder builder_;
  std::vector<std::shared_ptr<const Block>> blocks_;  // of the commit that is put together
  std::optional<Error> failure_;
  std::chrono::nanoseconds last_sync_time_{};
};

}  // namespace daybook
