// The index on disk: postings of everything up to `posted`. Derived from the book: deleting the
// directory rebuilds it. Safe to read from any thread; one thread posts.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/book/head_mark.h"
#include "storage/engine/database.h"
#include "storage/index/postings.h"
#include "storage/index/window.h"
#include "storage/model/query.h"

namespace daybook {

class Index {
 public:
  struct Options {
    std::string data_dir;
    engine::SharedMemory* memory = nullptr;
    engine::FileSystem* file_system = nullptr;
    LogId log{};
    Offset head;  // of the book: an index beyond it belongs to another history
  };

  // Opens or creates. One that is damaged (a missing file counts), of another log or of another
  // format is deleted and begun anew, with `why_rebuilt` telling why. `io_failed` where the disk
  // fails twice, or files cannot be opened: what is there may be healthy, and stays as it is.
  static Result<std::unique_ptr<Index>> open(const Options& options);
  // How far an index reaches; 0 where it says nothing yet.
  static Result<Offset> posted_in(const engine::Database& index);
  const std::string& why_rebuilt() const { return why_rebuilt_; }
  // Deletes what there is and begins with nothing. While nobody reads.
  Result<void> begin_anew(const std::string& why);

  // Everything up to here is posted. Only grows.
  Offset posted() const { return Offset{posted_.load()}; }
  Result<void> post(const Segment& segment);

  // Up to about `max` offsets of the term within the bounds, in the order asked. Complete up to the
  // last one where `max` was reached, else complete. `not_yet` with Tier::memory_only.
  Result<void> collect(std::string_view term, Between bounds, Order order, std::size_t max,
                       std::vector<Offset>& out) const;
  // Terms of the kind that begin with the prefix: event types, or the aggregates with one id.
  Result<std::vector<std::string>> terms_with_prefix(std::string_view prefix) const;
  // The last, or the first, postings of an aggregate; nullopt where it is not in the index.
  Result<std::optional<AggregateChunk>> last_of(std::string_view aggregate_term,
                                                engine::Tier tier) const;
  Result<std::optional<AggregateChunk>> first_of(std::string_view aggregate_term) const;
  // Offsets of the sequences [from, to], ascending; at most `to - from + 1`.
  Result<std::vector<Offset>> sequences(std::string_view aggregate_term, Sequence from,
                                        Sequence to) const;
  Result<std::optional<KnownId>> id(std::string_view id_term, engine::Tier tier) const;
  // Up to `max` `listed` terms above `after` that begin with `prefix`, sorted.
  Result<std::vector<std::string>> listed(std::string_view prefix, std::string_view after,
                                          std::size_t max) const;
  std::uint64_t disk_bytes() const { return engine::disk_bytes(directory_); }

 private:
  explicit Index(const Options& options);
  Result<void> open_database();
  Result<void> read_meta();

  const Options options_;
  const std::string directory_;
  std::unique_ptr<engine::Database> database_;
  std::atomic<std::uint64_t> posted_{0};
  std::string why_rebuilt_;
};

// The columns of index/, in the order of `index_options`.
enum class IndexColumn : std::uint8_t { postings, ids, meta };
engine::Options index_options(engine::SharedMemory* memory, engine::FileSystem* file_system);

// The sorted entries that a segment adds to the index, by column.
std::vector<engine::SortedChunk> chunks_of(const Segment& segment, const LogId& log);

}  // namespace daybook
