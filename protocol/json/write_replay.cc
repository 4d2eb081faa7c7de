// See write_replay.h.
#include "protocol/json/write_replay.h"

#include "protocol/json/escape.h"
#include "protocol/json/write_dead_letter.h"
#include "protocol/json/write_settings.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

// Without the closing brace.
void append_members(std::string& out, const ReplayInfo& replay) {
  CHECK(replay.row.replay.has_value());
  const ReplayRange& range = *replay.row.replay;
  const QueueView& queue = replay.queue;
  append_member(out, R"({"id":)", replay.id);
  out += R"(,"group":)";
  append_string_or_null(out, range.group);
  out += R"(,"filter":)";
  append_filter(out, replay.row.settings.filter);
  append_member(out, R"(,"from_offset":)", range.after.value + 1);
  append_member(out, R"(,"to_offset":)", range.upto.value);
  append_member(
      out, R"(,"event_count":)",
      queue.acked + queue.skipped + queue.dead_letters + queue.unfinished + queue.set_aside);
  append_member(out, R"(,"success_count":)", queue.acked);
  append_member(out, R"(,"failure_count":)", queue.dead_letters);
  append_flag(out, R"(,"in_progress":)", replay.in_progress);
  append_flag(out, R"(,"paused":)", replay.row.paused);
  append_flag(out, R"(,"cancelled":)", range.cancelled);
  append_member(out, R"(,"created_at":)", range.created_at);
}

}  // namespace

void append_replay(std::string& out, const ReplayInfo& replay, const DeadLetterPage& failures) {
  append_members(out, replay);
  out += R"(,"failures":)";
  append_dead_letters(out, failures);
  append_offset_or_null(out, R"(,"failures_next_after":)", failures.events.next);
  out += '}';
}

void append_replay_list(std::string& out, std::span<const ReplayInfo> replays) {
  out += R"({"replays":[)";
  for (const ReplayInfo& replay : replays) {
    append_members(out, replay);
    out += "},";
  }
  if (!replays.empty()) out.pop_back();
  out += R"(],"next_after":null})";
}

}  // namespace daybook::json
