// See write_group.h.
#include "protocol/json/write_group.h"

#include "protocol/json/escape.h"
#include "protocol/json/write_settings.h"

namespace daybook::json {
namespace {

void append_members(std::string& out, std::span<const std::string> members) {
  out += R"(,"members":[)";
  for (const std::string& member : members) {
    append_string(out, member);
    out += ',';
  }
  if (!members.empty()) out.pop_back();
  out += ']';
}

// What a queue alone has.
void append_queue(std::string& out, const GroupInfo& group) {
  append_member(out, R"(,"order":)", name(group.row.settings.queue.order));
  append_member(out, R"(,"idle":)", name(group.idle));
  append_member(out, R"(,"breaker":)", name(group.queue.breaker));
  append_member(out, R"(,"unfinished":)", group.queue.unfinished);
  append_member(out, R"(,"acked":)", group.queue.acked);
  append_member(out, R"(,"skipped":)", group.queue.skipped);
  out += R"(,"settings":)";
  append_group_settings(out, group.row.settings);
}

}  // namespace

void append_group(std::string& out, const GroupInfo& group) {
  const bool is_queue = group.row.settings.mode == GroupMode::queue;
  const Offset committed = is_queue ? group.queue.committed : group.row.committed;
  append_member(out, R"({"group":)", group.name);
  append_member(out, R"(,"mode":)", name(group.row.settings.mode));
  append_member(out, R"(,"committed":)", committed.value);
  append_member(out, R"(,"generation":)", group.row.generation);
  append_member(out, R"(,"head":)", group.head.value);
  append_member(out, R"(,"lag":)", group.head > committed ? group.head - committed : 0);
  append_seconds(out, R"(,"lag_seconds":)", group.lag_seconds);
  append_members(out, group.members);
  append_member(out, R"(,"in_flight":)", group.queue.in_flight);
  append_member(out, R"(,"set_aside":)", group.queue.set_aside);
  append_member(out, R"(,"dead_letters":)", group.queue.dead_letters);
  append_flag(out, R"(,"paused":)", group.row.paused);
  out += R"(,"stalled":)";
  if (group.stalled) {
    append_string(out, name(*group.stalled));
  } else {
    out += "false";
  }
  if (is_queue) append_queue(out, group);
  out += '}';
}

void append_group_list(std::string& out, std::span<const GroupInfo> groups) {
  out += R"({"groups":[)";
  for (const GroupInfo& group : groups) {
    append_group(out, group);
    out += ',';
  }
  if (!groups.empty()) out.pop_back();
  out += R"(],"next_after":null})";
}

void append_committed(std::string& out, Offset committed) {
  append_member(out, R"({"committed":)", committed.value);
  out += '}';
}

}  // namespace daybook::json
