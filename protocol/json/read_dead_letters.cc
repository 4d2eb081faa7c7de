// See read_dead_letters.h.
#include "protocol/json/read_dead_letters.h"

#include <algorithm>
#include <array>

#include "protocol/json/read_body.h"
#include "protocol/json/read_query.h"

namespace daybook::json {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"offsets", "filter", "after"};
constexpr Members kChange{"a choice of dead letters", kNames};

Refusal read_offsets(Values& in, std::vector<Offset>& offsets) {
  if (!in.at.is_array() || !in.at.enter())
    return refuse(Errc::bad_value, "an array of offsets is expected here, of at least one");
  do {
    if (offsets.size() == choice_offsets_max)
      return refuse(Errc::limit_exceeded,
                    "at most " + std::to_string(choice_offsets_max) + " offsets may be named");
    if (auto refused = read_offset(in, offsets.emplace_back()))
      return under(offsets.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

// In order, once each.
void tidy(std::vector<Offset>& offsets) {
  std::ranges::sort(offsets);
  offsets.erase(std::ranges::unique(offsets).begin(), offsets.end());
}

Refusal read_change(Values& in, DeadLetterChange& change) {
  MemberWalk walk(in, kChange);
  while (const auto member = walk.next()) {
    if (walk.has(0) && walk.has(1))
      return walk.within(refuse(Errc::bad_value, "either offsets or a filter, not both"));
    Refusal refused;
    switch (*member) {
      case 0: refused = read_offsets(in, change.choice.emplace<std::vector<Offset>>()); break;
      case 1: refused = read_filter(in, change.choice.emplace<Filter>()); break;
      default: refused = read_offset(in, change.after);
    }
    if (refused) return walk.within(std::move(refused));
  }
  if (auto* offsets = std::get_if<std::vector<Offset>>(&change.choice)) {
    tidy(*offsets);
    offsets->erase(offsets->begin(), std::ranges::upper_bound(*offsets, change.after));
  }
  return walk.finish(walk.has(1) ? 0 : 0b1);
}

Refusal read_choice(Values& in, std::vector<Offset>& offsets) {
  static constexpr std::array<std::string_view, 1> kOffsets = {"offsets"};
  static constexpr Members kChoice{"a choice of failures", kOffsets};
  MemberWalk walk(in, kChoice);
  while (walk.next())
    if (auto refused = read_offsets(in, offsets)) return walk.within(std::move(refused));
  tidy(offsets);
  return walk.finish();
}

}  // namespace

Result<DeadLetterChange> read_dead_letter_change(std::string_view body, const Limits& limits) {
  return read_body<DeadLetterChange>(body, limits, read_change);
}

Result<std::vector<Offset>> read_offset_choice(std::string_view body, const Limits& limits) {
  return read_body<std::vector<Offset>>(body, limits, read_choice);
}

}  // namespace daybook::json
