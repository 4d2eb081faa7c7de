// See write_group.h.
#include "protocol/json/write_group.h"

#include <array>
#include <charconv>

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

// Milliseconds are as exact as the age of an offset is known.
void append_seconds(std::string& out, double seconds) {
  std::array<char, 64> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed, 3);
  out.append(text.data(), error == std::errc{} ? end : text.data());
  if (error != std::errc{}) out += '0';
}

}  // namespace

void append_group(std::string& out, const GroupInfo& group) {
  const Offset committed = group.row.committed;
  append_member(out, R"({"group":)", group.name);
  out += group.row.settings.mode == GroupMode::log ? R"(,"mode":"log")" : R"(,"mode":"queue")";
  append_member(out, R"(,"committed":)", committed.value);
  append_member(out, R"(,"generation":)", group.row.generation);
  append_member(out, R"(,"head":)", group.head.value);
  append_member(out, R"(,"lag":)", group.head > committed ? group.head - committed : 0);
  out += R"(,"lag_seconds":)";
  append_seconds(out, group.lag_seconds);
  out += R"(,"members":[)";
  for (const std::string& member : group.members) {
    append_string(out, member);
    out += ',';
  }
  if (!group.members.empty()) out.pop_back();
  out += R"(],"in_flight":0,"set_aside":0,"dead_letters":0,"paused":false,"stalled":false})";
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
