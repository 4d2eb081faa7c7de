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
bool is_backwards(const ReplayPort::Create& create) {
  const auto* from = std::get_if<Place>(&create.from);
  const auto* to = std::get_if<Place>(&create.to);
  return from != nullptr && to != nullptr && *from > *to;
}

Refusal read_create(Values& in, ReplayPort::Create& create) {
  MemberWalk walk(in, kReplay);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_name(in, create.group); break;
      case 1: refused = read_filter(in, create.filter); break;
      case 2: refused = read_end(in, create.from); break;
      default: refused = read_end(in, create.to);
    }
    if (refused) return walk.within(std::move(refused));
  }
  if (auto refused = walk.finish()) return refused;
  if (is_backwards<Offset>(create) || is_backwards<Timestamp>(create))
    return under("from", refuse(Errc::bad_value, "from lies behind to"));
  return nullptr;
}

}  // namespace

Result<ReplayPort::Create> read_replay(std::string_view body, const Limits& limits) {
  return read_body<ReplayPort::Create>(body, limits, read_create);
}

}  // namespace daybook::json
