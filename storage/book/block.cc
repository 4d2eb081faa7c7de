#include "storage/book/block.h"

#include <xxhash.h>

#include "storage/base/bytes.h"
#include "storage/base/check.h"
#include "storage/book/block_layout.h"
#include "storage/model/command.h"

namespace daybook {
namespace {

std::uint64_t checksum(std::string_view bytes) {
  const std::uint64_t head = XXH3_64bits(bytes.data(), layout::kChecksumAt);
  return XXH3_64bits_withSeed(bytes.data() + layout::kHeaderBytes,
                              bytes.size() - layout::kHeaderBytes, head);
}

// Damaged bytes may ask for any sum: it wraps.
Timestamp later(Timestamp base, std::uint64_t micros) {
  return {static_cast<std::int64_t>(static_cast<std::uint64_t>(base.micros) + micros)};
}

Error damaged(std::string_view what) {
  return {Errc::corrupted, "block: " + std::string(what)};
}

}  // namespace

std::optional<std::pair<std::uint64_t, std::uint32_t>> block_range(std::string_view /*key*/,
                                                                   std::string_view value) {
  if (value.size() < layout::kHeaderBytes) return std::nullopt;
  if (read_little<std::uint32_t>(value.data()) != layout::kMagic) return std::nullopt;
  return std::pair{read_little<std::uint64_t>(value.data() + layout::kFirstAt),
                   read_little<std::uint32_t>(value.data() + layout::kCountAt)};
}

Result<std::shared_ptr<const Block>> Block::open(std::string bytes) {
  if (bytes.size() < layout::kHeaderBytes) return damaged("shorter than its header");
  if (read_little<std::uint64_t>(bytes.data() + layout::kChecksumAt) != checksum(bytes))
    return damaged("the checksum does not match");
  std::shared_ptr<Block> block(new Block(std::move(bytes)));
  if (auto read = block->read_header(); !read) return read.error();
  return std::shared_ptr<const Block>(std::move(block));
}

std::shared_ptr<const Block> Block::trust(std::string bytes) {
  std::shared_ptr<Block> block(new Block(std::move(bytes)));
  const auto read = block->read_header();
  CHECK(read.has_value());
  return block;
}

Result<void> Block::read_header() {
  const char* head = bytes_.data();
  if (read_little<std::uint32_t>(head) != layout::kMagic) return damaged("no block begins here");
  if (head[layout::kVersionAt] != layout::kVersion || head[layout::kCodecAt] != layout::kPlain ||
      head[layout::kDigestKindAt] != layout::kDigestXxh3 || head[layout::kFlagsAt] != 0)
    return damaged("written by a newer version of Daybook");
  first_ = {read_little<std::uint64_t>(head + layout::kFirstAt)};
  count_ = read_little<std::uint32_t>(head + layout::kCountAt);
  recorded_base_ = {read_little<std::int64_t>(head + layout::kRecordedBaseAt)};
  string_count_ = read_little<std::uint32_t>(head + layout::kStringCountAt);
  const std::uint64_t string_bytes = read_little<std::uint32_t>(head + layout::kStringBytesAt);
  const std::uint64_t tables =
      (std::uint64_t{count_} + std::uint64_t{string_count_}) * sizeof(std::uint32_t);
  if (count_ == 0 || first_.value == 0 || first_.value > ~std::uint64_t{0} - count_ ||
      layout::kHeaderBytes + tables + string_bytes > bytes_.size())
    return damaged("its tables are longer than the block");
  slots_ = head + layout::kHeaderBytes;
  string_ends_ = slots_ + std::size_t{count_} * sizeof(std::uint32_t);
  const std::string_view all(bytes_);
  const std::size_t strings_at = layout::kHeaderBytes + tables;
  strings_ = all.substr(strings_at, string_bytes);
  events_ = all.substr(strings_at + string_bytes);
  return {};
}

std::string_view Block::string_at(std::uint64_t reference, bool& ok) const {
  if (reference == 0) return {};
  if (reference > string_count_) {
    ok = false;
    return {};
  }
  const char* end_at = string_ends_ + (reference - 1) * sizeof(std::uint32_t);
  const std::uint32_t end = read_little<std::uint32_t>(end_at);
  const std::uint32_t begin =
      reference == 1 ? 0 : read_little<std::uint32_t>(end_at - sizeof(std::uint32_t));
  if (begin > end || end > strings_.size()) {
    ok = false;
    return {};
  }
  return strings_.substr(begin, end - begin);
}

Result<EventView> Block::event(Offset offset) const {
  CHECK(contains(offset));
  const std::uint32_t begin =
      read_little<std::uint32_t>(slots_ + (offset - first_) * sizeof(std::uint32_t));
  if (begin > events_.size()) return damaged("an event begins past the end");
  ByteReader in(events_.substr(begin));
  bool ok = true;
  EventView event;
  const auto flags = in.little<std::uint16_t>();
  if ((flags & ~layout::kReadable) != 0) return damaged("an event has flags of a newer version");
  event.offset = offset;
  event.sequence = {in.varint()};
  event.recorded_at = later(recorded_base_, in.varint());
  event.occurred_at = event.recorded_at;
  if (flags & layout::kOccurredApart)
    event.occurred_at = later(event.recorded_at, static_cast<std::uint64_t>(unzigzag(in.varint())));
  event.digest.low = in.little<std::uint64_t>();
  event.digest.high = in.little<std::uint64_t>();
  event.batch_index = static_cast<std::uint32_t>(in.varint());
  if (flags & layout::kClientId) {
    event.id.text = in.text();
  } else if (const auto raw = in.bytes(event.id.uuid.size()); in.ok()) {
    std::memcpy(event.id.uuid.data(), raw.data(), raw.size());
  }
  for (std::string_view* field :
       {&event.event_type, &event.aggregate_type, &event.aggregate_id, &event.schema_version,
        &event.correlation_id, &event.causation_id, &event.id_space, &event.principal})
    *field = string_at(in.varint(), ok);
  // Content type: JSON alone is written so far.
  if (in.varint() != 0) return damaged("an event has a content type of a newer version");
  for (std::uint64_t tags = in.varint(); tags > 0 && in.ok(); --tags)
    event.tags.push_back(string_at(in.varint(), ok));
  event.payload = in.text();
  event.metadata = in.text();
  if (!in.ok() || !ok) return damaged("an event is longer than the block");
  return event;
}

std::size_t BlockBuilder::bytes() const {
  return layout::kHeaderBytes + slots_.size() * sizeof(std::uint32_t) + dictionary_.bytes() +
         events_.size();
}

void BlockBuilder::add(const Append& append, const Draft& draft, const Placed& placed) {
  if (slots_.empty()) {
    first_ = placed.offset;
    recorded_base_ = placed.recorded_at;
  }
  CHECK(placed.offset == first_ + slots_.size());
  slots_.push_back(static_cast<std::uint32_t>(events_.size()));
  const bool occurred_apart = draft.occurred_at && *draft.occurred_at != placed.recorded_at;
  std::uint16_t flags = 0;
  if (!draft.id.empty()) flags |= layout::kClientId;
  if (occurred_apart) flags |= layout::kOccurredApart;
  append_little(events_, flags);
  append_varint(events_, placed.sequence.value);
  append_varint(events_,
                static_cast<std::uint64_t>(placed.recorded_at.micros - recorded_base_.micros));
  if (occurred_apart)
    append_varint(events_, zigzag(draft.occurred_at->micros - placed.recorded_at.micros));
  append_little(events_, draft.digest.low);
  append_little(events_, draft.digest.high);
  append_varint(events_, placed.batch_index);
  if (draft.id.empty()) {
    events_.append(reinterpret_cast<const char*>(placed.server_id.data()), placed.server_id.size());
  } else {
    append_text(events_, draft.id);
  }
  add_strings(append, draft);
  append_text(events_, draft.payload);
  append_text(events_, draft.metadata);
}

void BlockBuilder::add_strings(const Append& append, const Draft& draft) {
  for (const std::string_view field :
       {draft.event_type, draft.aggregate_type, draft.aggregate_id, draft.schema_version,
        draft.correlation_id, draft.causation_id, std::string_view(append.id_space),
        std::string_view(append.principal)})
    append_varint(events_, dictionary_.reference_to(field));
  append_varint(events_, 0);  // content type: JSON
  append_varint(events_, draft.tags.size());
  for (const std::string_view tag : draft.tags)
    append_varint(events_, dictionary_.reference_to(tag));
}

std::string BlockBuilder::finish() {
  std::string block(layout::kHeaderBytes, '\0');
  block.reserve(bytes());
  const auto set = [&block](std::size_t at, auto value) {
    std::memcpy(block.data() + at, &value, sizeof value);
  };
  const auto string_bytes =
      static_cast<std::uint32_t>(dictionary_.bytes() - dictionary_.count() * sizeof(std::uint32_t));
  set(layout::kMagicAt, layout::kMagic);
  set(layout::kVersionAt, layout::kVersion);
  set(layout::kCodecAt, layout::kPlain);
  set(layout::kDigestKindAt, layout::kDigestXxh3);
  set(layout::kFirstAt, first_.value);
  set(layout::kCountAt, static_cast<std::uint32_t>(slots_.size()));
  set(layout::kRecordedBaseAt, recorded_base_.micros);
  set(layout::kStringCountAt, static_cast<std::uint32_t>(dictionary_.count()));
  set(layout::kStringBytesAt, string_bytes);
  for (const std::uint32_t slot : slots_) append_little(block, slot);
  dictionary_.append_to(block);
  block.append(events_);
  set(layout::kChecksumAt, checksum(block));
  slots_.clear();
  events_.clear();
  dictionary_.clear();
  return block;
}

}  // namespace daybook
