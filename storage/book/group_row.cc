#include "storage/book/group_row.h"

#include "storage/base/bytes.h"

namespace daybook {
namespace {

constexpr std::uint8_t kRowVersion = 2;
constexpr std::uint8_t kVersionBeforeQueues = 1;  // It ends with the filter.
enum class StartKind : std::uint8_t { beginning = 0, head = 1, after = 2, time = 3 };

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  append_varint(out, texts.size());
  for (const std::string& text : texts) append_text(out, text);
}

std::vector<std::string> read_texts(ByteReader& in) {
  std::vector<std::string> texts;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) texts.emplace_back(in.text());
  return texts;
}

void append_filter(std::string& out, const Filter& filter) {
  for (const std::string* name :
       {&filter.aggregate_type, &filter.aggregate_id, &filter.correlation_id, &filter.causation_id})
    append_text(out, *name);
  append_texts(out, filter.event_types);
  append_texts(out, filter.tags);
  append_varint(out, filter.items.size());
  for (const FilterItem& item : filter.items) {
    append_texts(out, item.event_types);
    append_texts(out, item.tags);
  }
}

Filter read_filter(ByteReader& in) {
  Filter filter;
  for (std::string* name :
       {&filter.aggregate_type, &filter.aggregate_id, &filter.correlation_id, &filter.causation_id})
    *name = in.text();
  filter.event_types = read_texts(in);
  filter.tags = read_texts(in);
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    FilterItem item;
    item.event_types = read_texts(in);
    item.tags = read_texts(in);
    filter.items.push_back(std::move(item));
  }
  return filter;
}

void append_start(std::string& out, const GroupStart& start) {
  auto kind = StartKind::beginning;
  std::uint64_t value = 0;
  if (std::holds_alternative<FromHead>(start)) kind = StartKind::head;
  if (const auto* after = std::get_if<Offset>(&start)) {
    kind = StartKind::after;
    value = after->value;
  }
  if (const auto* time = std::get_if<Timestamp>(&start)) {
    kind = StartKind::time;
    value = zigzag(time->micros);
  }
  append_little(out, static_cast<std::uint8_t>(kind));
  append_varint(out, value);
}

// nullopt: a kind of a newer version.
std::optional<GroupStart> read_start(ByteReader& in) {
  const auto kind = static_cast<StartKind>(in.little<std::uint8_t>());
  const std::uint64_t value = in.varint();
  switch (kind) {
    case StartKind::beginning: return FromBeginning{};
    case StartKind::head: return FromHead{};
    case StartKind::after: return Offset{value};
    case StartKind::time: return Timestamp{unzigzag(value)};
  }
  return std::nullopt;
}

// Before there were queues no row could be one.
bool is_known(GroupMode mode, std::uint8_t version) {
  return mode == GroupMode::log || (mode == GroupMode::queue && version != kVersionBeforeQueues);
}

bool is_known(GroupOrder order) {
  return order == GroupOrder::aggregate || order == GroupOrder::none || order == GroupOrder::single;
}

// What a queue's row says by bits.
constexpr std::uint8_t kPaused = 1 << 0;
constexpr std::uint8_t kBlockAggregate = 1 << 1;
constexpr std::uint8_t kHasPush = 1 << 2;
constexpr std::uint8_t kHasReplay = 1 << 3;
constexpr std::uint8_t kCancelled = 1 << 4;
constexpr std::uint8_t kKnownFlags = kPaused | kBlockAggregate | kHasPush | kHasReplay | kCancelled;

std::uint8_t flags_of(const GroupRow& row) {
  unsigned flags = 0;
  if (row.paused) flags |= kPaused;
  if (row.settings.queue.block_aggregate) flags |= kBlockAggregate;
  if (row.settings.queue.push) flags |= kHasPush;
  if (row.replay) flags |= kHasReplay;
  if (row.replay && row.replay->cancelled) flags |= kCancelled;
  return static_cast<std::uint8_t>(flags);
}

void append_queue(std::string& out, const GroupRow& row) {
  const QueueSettings& queue = row.settings.queue;
  append_little(out, flags_of(row));
  append_little(out, static_cast<std::uint8_t>(queue.order));
  append_varint(out, queue.ack_timeout_ms);
  append_varint(out, queue.max_deliveries);
  append_varint(out, queue.max_in_flight);
  append_varint(out, queue.max_unfinished);
  append_varint(out, queue.breaker_window);
  append_little(out, queue.breaker_ratio);
  append_varint(out, queue.backoff_ms.size());
  for (const std::uint32_t delay : queue.backoff_ms) append_varint(out, delay);
  if (queue.push) {
    append_text(out, queue.push->url);
    append_text(out, queue.push->secret);
    append_varint(out, queue.push->timeout_ms);
    append_varint(out, queue.push->parallel);
  }
  if (row.replay) {
    append_text(out, row.replay->group);
    append_varint(out, row.replay->after.value);
    append_varint(out, row.replay->upto.value);
    append_little(out, row.replay->created_at.micros);
  }
}

std::uint32_t read_number(ByteReader& in) {
  return static_cast<std::uint32_t>(in.varint());
}

// False: it has something of a newer version.
bool read_queue(ByteReader& in, GroupRow& row) {
  QueueSettings& queue = row.settings.queue;
  const auto flags = in.little<std::uint8_t>();
  row.paused = (flags & kPaused) != 0;
  queue.block_aggregate = (flags & kBlockAggregate) != 0;
  queue.order = static_cast<GroupOrder>(in.little<std::uint8_t>());
  queue.ack_timeout_ms = read_number(in);
  queue.max_deliveries = read_number(in);
  queue.max_in_flight = read_number(in);
  queue.max_unfinished = read_number(in);
  queue.breaker_window = read_number(in);
  queue.breaker_ratio = in.little<double>();
  queue.backoff_ms.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
    queue.backoff_ms.push_back(read_number(in));
  if (flags & kHasPush) {
    PushTarget& push = queue.push.emplace();
    push.url = in.text();
    push.secret = in.text();
    push.timeout_ms = read_number(in);
    push.parallel = read_number(in);
  }
  if (flags & kHasReplay) {
    ReplayRange& replay = row.replay.emplace();
    replay.group = in.text();
    replay.after = {in.varint()};
    replay.upto = {in.varint()};
    replay.created_at = {in.little<std::int64_t>()};
    replay.cancelled = (flags & kCancelled) != 0;
  }
  return (flags & ~kKnownFlags) == 0 && is_known(queue.order);
}

}  // namespace

std::string encode(const GroupRow& row) {
  std::string out;
  append_little(out, kRowVersion);
  append_little(out, static_cast<std::uint8_t>(row.settings.mode));
  append_start(out, row.settings.start);
  append_varint(out, row.settings.member_timeout_ms);
  append_varint(out, row.committed.value);
  append_varint(out, row.generation);
  append_varint(out, row.revision);
  append_text(out, row.active_member);
  append_filter(out, row.settings.filter);
  if (row.settings.mode == GroupMode::queue) append_queue(out, row);
  return out;
}

Result<GroupRow> decode_group_row(std::string_view bytes) {
  ByteReader in(bytes);
  GroupRow row;
  const auto version = in.little<std::uint8_t>();
  if (version != kRowVersion && version != kVersionBeforeQueues)
    return Error{Errc::corrupted, "a group's row was written by a newer version of Daybook"};
  row.settings.mode = static_cast<GroupMode>(in.little<std::uint8_t>());
  const auto start = read_start(in);
  if (!is_known(row.settings.mode, version) || !start)
    return Error{Errc::corrupted, "a group's row has a mode or a start that is not known"};
  row.settings.start = *start;
  row.settings.member_timeout_ms = static_cast<std::uint32_t>(in.varint());
  row.committed = {in.varint()};
  row.generation = in.varint();
  row.revision = in.varint();
  row.active_member = in.text();
  row.settings.filter = read_filter(in);
  if (row.settings.mode == GroupMode::queue && !read_queue(in, row))
    return Error{Errc::corrupted, "a queue's row has an order or a flag that is not known"};
  if (!in.ok() || !in.at_end()) return Error{Errc::corrupted, "a group's row is damaged"};
  return row;
}

}  // namespace daybook
