#include "storage/book/group_row.h"

#include "storage/base/bytes.h"

namespace daybook {
namespace {

constexpr std::uint8_t kRowVersion = 1;
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

bool is_known(GroupMode mode) {
  return mode == GroupMode::log || mode == GroupMode::queue;
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
  return out;
}

Result<GroupRow> decode_group_row(std::string_view bytes) {
  ByteReader in(bytes);
  GroupRow row;
  if (in.little<std::uint8_t>() != kRowVersion)
    return Error{Errc::corrupted, "a group's row was written by a newer version of Daybook"};
  row.settings.mode = static_cast<GroupMode>(in.little<std::uint8_t>());
  const auto start = read_start(in);
  if (!is_known(row.settings.mode) || !start)
    return Error{Errc::corrupted, "a group's row has a mode or a start that is not known"};
  row.settings.start = *start;
  row.settings.member_timeout_ms = static_cast<std::uint32_t>(in.varint());
  row.committed = {in.varint()};
  row.generation = in.varint();
  row.revision = in.varint();
  row.active_member = in.text();
  row.settings.filter = read_filter(in);
  if (!in.ok() || !in.at_end()) return Error{Errc::corrupted, "a group's row is damaged"};
  return row;
}

}  // namespace daybook
