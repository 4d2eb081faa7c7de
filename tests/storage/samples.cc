#include "tests/storage/samples.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "storage/base/check.h"

namespace daybook::test {
namespace {

struct StartText {
  std::string operator()(FromBeginning) const { return "beginning"; }
  std::string operator()(FromHead) const { return "head"; }
  std::string operator()(Offset after) const { return "after " + std::to_string(after.value); }
  std::string operator()(Timestamp time) const { return "time " + std::to_string(time.micros); }
};

template <class Texts>
std::string joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) out.append("[").append(text).append("]");
  return out;
}

std::string describe(const Filter& filter) {
  std::ostringstream out;
  out << filter.aggregate_type << '/' << filter.aggregate_id << " types "
      << joined(filter.event_types) << " tags " << joined(filter.tags) << ' '
      << filter.correlation_id << '/' << filter.causation_id;
  for (const FilterItem& item : filter.items)
    out << " item " << joined(item.event_types) << joined(item.tags);
  return out.str();
}

std::string describe(const Conflict& conflict) {
  std::ostringstream out;
  switch (conflict.kind) {
    case Conflict::Kind::sequence:
      out << " sequence " << conflict.aggregate_type << '/' << conflict.aggregate_id << " is "
          << conflict.actual << " not " << conflict.expected;
      break;
    case Conflict::Kind::match:
      out << " match " << conflict.condition << " at " << conflict.offset;
      break;
    case Conflict::Kind::known_id:
      out << " known " << conflict.condition << ' ' << conflict.id << " at " << conflict.offset;
      break;
  }
  return out.str();
}

// In memory where that is possible: what survives a power cut is for the crash tests.
std::string where_files_are_quick() {
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : testing::TempDir();
}

std::string describe_queue(const GroupRow& row) {
  const QueueSettings& queue = row.settings.queue;
  std::ostringstream out;
  out << " order " << static_cast<int>(queue.order) << " ack " << queue.ack_timeout_ms << " max "
      << queue.max_deliveries << ',' << queue.max_in_flight << ',' << queue.max_unfinished
      << " block " << queue.block_aggregate << " breaker " << queue.breaker_window << ','
      << queue.breaker_ratio << " back-off";
  for (const std::uint32_t delay : queue.backoff_ms) out << ' ' << delay;
  if (queue.push)
    out << " push " << queue.push->url << ' ' << queue.push->secret << ' ' << queue.push->timeout_ms
        << ' ' << queue.push->parallel;
  if (row.paused) out << " paused";
  if (row.replay)
    out << " replay to '" << row.replay->group << "' " << row.replay->after.value << '-'
        << row.replay->upto.value << " created " << row.replay->created_at.micros << " cancelled "
        << row.replay->cancelled;
  return out.str();
}

}  // namespace

TempDir::TempDir() : path_(where_files_are_quick() + "daybook-XXXXXX") {
  CHECK(::mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Append append_of(const Request& request) {
  Append append;
  append.id_space = request.id_space;
  append.principal = request.principal;
  for (const Event& event : request.events) {
    Draft& draft = append.events.emplace_back();
    draft.event_type = event.event_type;
    draft.aggregate_type = event.aggregate_type;
    draft.aggregate_id = event.aggregate_id;
    draft.id = event.id;
    draft.schema_version = event.schema_version;
    draft.correlation_id = event.correlation_id;
    draft.causation_id = event.causation_id;
    draft.payload = event.payload;
    draft.metadata = event.metadata;
    draft.occurred_at = event.occurred_at;
    draft.expected = event.expected;
    for (const std::string& tag : event.tags) draft.tags.emplace_back(tag);
  }
  append.conditions = request.conditions;
  append.commit = request.commit;
  append.ack = request.ack;
  append.request_key = request.request_key;
  append.seal(request.stamped_at, request.randomness);
  return append;
}

GroupRow replay_row() {
  GroupRow row;
  row.settings.mode = GroupMode::queue;
  row.settings.start = Offset{700};
  row.settings.filter.tags = {"red"};
  row.settings.member_timeout_ms = 5000;
  row.settings.queue = {.order = GroupOrder::single,
                        .ack_timeout_ms = 60'000,
                        .max_deliveries = 7,
                        .backoff_ms = {10, 2000},
                        .max_in_flight = 20,
                        .max_unfinished = 3000,
                        .block_aggregate = true,
                        .breaker_window = 50,
                        .breaker_ratio = 0.25};
  row.settings.queue.push =
      PushTarget{.url = "https://example.com/in", .secret = "s", .timeout_ms = 900, .parallel = 3};
  row.committed = Offset{1003};
  row.generation = 4;
  row.revision = 2;
  row.paused = true;
  row.replay = ReplayRange{.group = "billing",
                           .after = Offset{700},
                           .upto = Offset{1003},
                           .cancelled = true,
                           .created_at = {1'769'248'800'123'456}};
  return row;
}

std::string describe(const EventView& event) {
  std::ostringstream out;
  out << event.offset.value << ' ' << event.aggregate_type << '/' << event.aggregate_id << " #"
      << event.sequence.value << ' ' << event.event_type << " id " << event.id_space << ':'
      << event.id.to_string() << " schema " << event.schema_version << " by '" << event.principal
      << "' " << event.correlation_id << '/' << event.causation_id << " tags " << joined(event.tags)
      << " batch " << event.batch_index << " recorded " << event.recorded_at.micros << " occurred "
      << event.occurred_at.micros << " digest " << event.digest.low << ',' << event.digest.high
      << ' ' << event.payload << ' ' << event.metadata;
  return out.str();
}

std::string describe(const GroupRow& row) {
  std::ostringstream out;
  out << "mode " << static_cast<int>(row.settings.mode) << " start "
      << std::visit(StartText{}, row.settings.start) << " timeout "
      << row.settings.member_timeout_ms << " committed " << row.committed.value << " generation "
      << row.generation << " active '" << row.active_member << "' revision " << row.revision
      << " filter " << describe(row.settings.filter);
  if (row.settings.mode == GroupMode::queue) out << describe_queue(row);
  return out.str();
}

std::string describe(const Error& error) {
  std::string out(name(error.code));
  if (!error.pointer.empty()) out += " " + error.pointer;
  for (const Conflict& conflict : error.conflicts) out += describe(conflict);
  return out;
}

std::string describe(const AggregateInfo& info) {
  std::ostringstream out;
  out << info.aggregate_type << '/' << info.aggregate_id << " #" << info.sequence.value << " from "
      << info.first_offset.value << " to " << info.last_offset.value << " created "
      << info.created_at.micros << " updated " << info.updated_at.micros;
  return out.str();
}

std::vector<std::uint64_t> offsets_of(const Page& page) {
  std::vector<std::uint64_t> offsets;
  offsets.reserve(page.events.size());
  for (const EventView& event : page.events) offsets.push_back(event.offset.value);
  return offsets;
}

}  // namespace daybook::test
