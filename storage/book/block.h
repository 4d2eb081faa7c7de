// A block: consecutive events encoded together. Its bytes are drawn in storage/FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/result.h"
#include "storage/book/dictionary.h"
#include "storage/model/event.h"

namespace daybook {

struct Append;
struct Draft;

// What the log decided about a draft.
struct Placed {
  Offset offset;
  Sequence sequence;
  Timestamp recorded_at;
  std::array<std::uint8_t, 16> server_id{};  // used where the draft has no id
  std::uint32_t batch_index = 0;
};

// An immutable block in memory. Safe to read from any thread.
class Block {
 public:
  // Checks the checksum, the version, the codec and every table. `corrupted` where one disagrees.
  static Result<std::shared_ptr<const Block>> open(std::string bytes);
  // Bytes that a BlockBuilder of this process has just made: nothing to check.
  static std::shared_ptr<const Block> trust(std::string bytes);

  Offset first() const { return first_; }
  Offset last() const { return first_ + (count_ - 1); }
  std::uint32_t count() const { return count_; }
  bool contains(Offset offset) const { return first_ <= offset && offset <= last(); }
  std::size_t bytes() const { return bytes_.size(); }
  std::string_view encoded() const { return bytes_; }
  Timestamp first_recorded_at() const { return recorded_base_; }

  // The event at an offset that the block contains. The views live as long as the block.
  // `corrupted` where the event's own bytes disagree, or hold what this version cannot read.
  Result<EventView> event(Offset offset) const;

 private:
  explicit Block(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<void> read_header();
  std::string_view string_at(std::uint64_t reference, bool& ok) const;

  std::string bytes_;
  Offset first_;
  std::uint32_t count_ = 0;
  std::uint32_t string_count_ = 0;
  Timestamp recorded_base_;
  const char* slots_ = nullptr;
  const char* string_ends_ = nullptr;
  std::string_view strings_;
  std::string_view events_;
};

// (first offset, count) of an encoded block, from its header alone.
std::optional<std::pair<std::uint64_t, std::uint32_t>> block_range(std::string_view key,
                                                                   std::string_view value);

// Encodes one block, event by event. `finish` gives the bytes and makes the builder empty.
class BlockBuilder {
 public:
  bool empty() const { return slots_.empty(); }
  // What `finish` would give, nearly.
  std::size_t bytes() const;
  void add(const Append& append, const Draft& draft, const Placed& placed);
  std::string finish();

 private:
  void add_strings(const Append& append, const Draft& draft);

  Offset first_;
  Timestamp recorded_base_;
  Dictionary dictionary_;
  std::vector<std::uint32_t> slots_;
  std::string events_;
};

}  // namespace daybook
