// See read_replay.h.
#include "protocol/json/read_replay.h"

#include <array>

#include "protocol/json/read_body.h"
#include "protocol/json/read_query.h"

namespace daybook::json {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"group", "filter", "from", "to"};
constexpr Members kReplay{"a replay", kNames};

// An offset from 1, or a time.
template <class End>
Refusal read_end(Values& in, End& end) {
  if (in.at.is_string()) return read_time(in, end.template emplace<Timestamp>());
  if (!in.at.is_number()) return refuse(Errc::bad_value, "an offset or a time is expected here");
  return read_unsigned(in, end.template emplace<Offset>().value, {.min = 1});
}

template <class Place>
bool is_backwards(const ReplayRequest& replay) {
  const auto* from = std::get_if<Place>(&replay.from);
  const auto* to = std::get_if<Place>(&replay.to);
  return from != nullptr && to != nullptr && *from > *to;
}

Refusal read_range(Values& in, ReplayRequest& replay) {
  MemberWalk walk(in, kReplay);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_name(in, replay.group); break;
      case 1: refused = read_filter(in, replay.filter); break;
      case 2: refused = read_end(in, replay.from); break;
      default: refused = read_end(in, replay.to);
    }
    if (refused) return walk.within(std::move(refused));
  }
  if (auto refused = walk.finish()) return refused;
  if (is_backwards<Offset>(replay) || is_backwards<Timestamp>(replay))
    return under("from", refuse(Errc::bad_value, "from lies behind to"));
  return nullptr;
}

}  // namespace

Result<ReplayRequest> read_replay(std::string_view body, const Limits& limits) {
  return read_body<ReplayRequest>(body, limits, read_range);
}

}  // namespace daybook::json
