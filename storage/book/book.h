// The book: the truth. Blocks of events and the small tables that change with commands.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/book/block.h"
#include "storage/book/block_cache.h"
#include "storage/book/dead_letter.h"
#include "storage/book/head_mark.h"
#include "storage/book/scrub.h"
#include "storage/engine/database.h"
#include "storage/model/command.h"
#include "storage/model/group.h"
#include "storage/queue/queue.h"

namespace daybook {

// The columns of book/, in the order of `book_options`. Those without a user yet are reserved.
enum class BookColumn : std::uint8_t {
  blocks,
  groups,
  dead_letters,
  request_keys,
  snapshots,
  schemas,
  meta,
};

// What a remembered request gave: where its events are, and what its body was.
struct RememberedRequest {
  Digest body;
  Offset first;
  std::uint32_t count = 0;
};

// One commit while it is being put together: see `Book::write`.
class Commit {
 public:
  explicit Commit(engine::WriteSet writes) : writes_(std::move(writes)) {}
  void add_block(Offset first, std::string_view encoded);
  void put_group(const std::string& name, const GroupRow& row);
  // With all that belongs to it: the rows of its queue and its dead letters.
  void remove_group(const std::string& name);
  void put_queue_row(const std::string& group, const QueueRow& row);
  void put_dead_letter(const std::string& group, Offset offset, std::string_view row);
  void remove_dead_letter(const std::string& group, Offset offset);
  void remember(const std::string& principal, const std::string& key,
                const RememberedRequest& request);
  bool empty() const { return writes_.empty(); }
  engine::WriteSet& writes() { return writes_; }

 private:
  engine::WriteSet writes_;
};

// Some dead letters of a group, by offset.
struct DeadLetters {
  std::vector<std::pair<Offset, DeadLetter>> letters;
  bool complete = true;  // false: more may follow the last one
};

class Book {
 public:
  struct Options {
    std::string data_dir;
    engine::SharedMemory* memory = nullptr;
    engine::FileSystem* file_system = nullptr;
    std::size_t cache_bytes = 32 << 20;  // of checked blocks
    LogId new_log_id{};                  // for a log that does not exist yet
    QueueTime started;                   // when the daemon was: see `Queue::recover`
  };

  // Opens or creates. Proves first that the log is whole; `corrupted` names the damage, the
  // offsets and what to do, and nothing on disk was changed.
  static Result<std::unique_ptr<Book>> open(const Options& options);

  // The log that a book belongs to, where it says so.
  static Result<LogId> log_id_in(const engine::Database& book);

  const LogId& log_id() const { return log_id_; }
  // The last offset on disk when the book was opened.
  Offset head_at_open() const { return end_at_open_.head; }
  // `committed` is that of the queue, where it is one.
  const std::map<std::string, GroupRow>& groups_at_open() const { return groups_at_open_; }
  // The queues of these groups. Once.
  std::map<std::string, std::unique_ptr<Queue>> take_queues() { return std::move(queues_); }

  Commit new_commit() const { return Commit(database_->new_writes()); }
  // Durable on return. After an error nobody knows what is on disk: write no more.
  Result<void> write(Commit& commit, Offset head);
  Result<void> sync_head_mark() { return mark_->sync(); }

  // The block that contains the offset, which must not be above the head. Waits for the disk.
  Result<std::shared_ptr<const Block>> block_at(Offset offset) const;
  // How many of them were not cached and came from the database.
  std::uint64_t blocks_read() const { return blocks_read_.load(std::memory_order_relaxed); }
  // The last offset that was recorded before `time`; 0 where none was.
  Result<Offset> last_before(Timestamp time, Offset head) const;
  // `not_yet` with Tier::memory_only: the disk must be asked.
  Result<std::optional<RememberedRequest>> remembered(const std::string& principal,
                                                      const std::string& key,
                                                      engine::Tier tier) const;
  // Both wait for the disk. nullopt: there is no such dead letter.
  Result<std::optional<DeadLetter>> dead_letter(const std::string& group, Offset offset) const;
  // Those above `after`, at most `max` and, but for the last one, limits::page_bytes_max.
  Result<DeadLetters> dead_letters(const std::string& group, Offset after, std::size_t max) const;
  // The book must outlive it.
  Scrub new_scrub() const { return Scrub(*database_); }
  std::uint64_t disk_bytes() const { return engine::disk_bytes(data_dir_ + "/book"); }

 private:
  Book() = default;
  Result<void> look(const std::string& directory, const engine::Options& how, bool has_book);
  // Proves that the book is whole, and takes over its tables.
  Result<void> read(const engine::Database& book);
  Result<void> read_groups(const engine::Database& book);
  // Marks where the book ends; a new one is told its log.
  Result<void> begin();

  std::string data_dir_;
  std::unique_ptr<engine::Database> database_;
  std::unique_ptr<HeadMark> mark_;
  mutable std::unique_ptr<BlockCache> cache_;
  mutable std::atomic<std::uint64_t> blocks_read_{0};
  LogId log_id_{};
  BookEnd end_at_open_;
  QueueTime started_;
  std::map<std::string, GroupRow> groups_at_open_;
  std::map<std::string, std::unique_ptr<Queue>> queues_;
};

// How book/ is opened; shared with the offline tools.
engine::Options book_options(engine::SharedMemory* memory, engine::FileSystem* file_system);

}  // namespace daybook
