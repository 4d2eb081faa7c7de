// See read_leases.h.
#include "protocol/json/read_leases.h"

#include <algorithm>
#include <limits>

#include "protocol/json/minify.h"
#include "protocol/json/utf8.h"
#include "storage/model/group.h"

namespace daybook::json {
namespace {

constexpr std::array<std::string_view, 7> kBodyNames = {
    "member", "offsets", "attempts", "replay_id", "delay_ms", "reason", "action"};
static_assert(std::ranges::equal(lease_names, std::span(kBodyNames).subspan(1)));

constexpr std::array<std::string_view, 5> kAckNames = {"group", "member", "offsets", "attempts",
                                                       "replay_id"};
constexpr Members kAck{"an ack", kAckNames};

constexpr std::array<std::string_view, 3> kOwners = {"an ack", "a nack", "an extend"};

// Each number of an array of 1 to `leases_max`.
template <class Take>
Refusal read_numbers(Values& in, Range range, Take take) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "an array of integers is expected here");
  if (!in.at.enter()) return refuse(Errc::bad_value, "at least one is expected here");
  std::size_t count = 0;
  do {
    if (count == leases_max)
      return refuse(Errc::limit_exceeded,
                    "at most " + std::to_string(leases_max) + " can be named at once");
    std::uint64_t number = 0;
    if (auto refused = read_unsigned(in, number, range)) return under(count, std::move(refused));
    take(number);
    ++count;
  } while (in.at.next());
  return nullptr;
}

Refusal read_offsets(Values& in, std::vector<LeaseName>& leases) {
  return read_numbers(in, {}, [&](std::uint64_t offset) {
    leases.push_back({.offset = Offset{offset}, .attempt = std::nullopt});
  });
}

Refusal read_attempts(Values& in, std::vector<Attempt>& attempts) {
  return read_numbers(in, {.min = 1, .max = std::numeric_limits<Attempt>::max()},
                      [&](std::uint64_t n) { attempts.push_back(static_cast<Attempt>(n)); });
}

Refusal read_delay(Values& in, std::optional<std::chrono::milliseconds>& delay) {
  constexpr std::chrono::milliseconds kMax = limits::delay_max;
  std::uint64_t ms = 0;
  if (auto refused = read_unsigned(in, ms, {.max = static_cast<std::uint64_t>(kMax.count())}))
    return refused;
  delay = std::chrono::milliseconds(ms);
  return nullptr;
}

Refusal read_reason(Values& in, std::string& reason) {
  std::string_view text;
  if (auto refused = read_string(in, text)) return refused;
  reason = cut_utf8(text, limits::reason_bytes_max);
  return nullptr;
}

Refusal read_action(Values& in, NackAction& action) {
  std::string_view word;
  if (auto refused = read_string(in, word)) return refused;
  if (word == "retry") {
    action = NackAction::retry;
  } else if (word == "dead_letter") {
    action = NackAction::dead_letter;
  } else if (word == "skip") {
    action = NackAction::skip;
  } else {
    return refuse(Errc::bad_value, R"("retry", "dead_letter" or "skip" is expected here)");
  }
  return nullptr;
}

Refusal read_body(Values& in, LeaseRequest& request) {
  const std::span<const std::string_view> names = kBodyNames;
  const Members members{kOwners[static_cast<std::size_t>(request.verb)],
                        names.first(1 + lease_names_of(request.verb))};
  MemberWalk walk(in, members);
  while (const auto member = walk.next()) {
    auto refused = *member == 0 ? read_name(in, request.said.member)
                                : read_lease_member(in, *member - 1, request);
    if (refused) return walk.within(std::move(refused));
  }
  if (auto refused = walk.finish(0b11)) return refused;
  return check_leases(request);
}

}  // namespace

Refusal read_lease_member(Values& in, std::size_t name, LeaseRequest& request) {
  switch (name) {
    case 0: return read_offsets(in, request.said.leases);
    case 1: return read_attempts(in, request.attempts.emplace());
    case 2: return read_name(in, request.replay_id);
    case 3: return read_delay(in, request.said.delay);
    case 4: return read_reason(in, request.said.reason);
    default: return read_action(in, request.said.action);
  }
}

Refusal check_leases(LeaseRequest& request) {
  auto& leases = request.said.leases;
  std::vector<Offset> offsets;
  for (const LeaseName& lease : leases) offsets.push_back(lease.offset);
  std::ranges::sort(offsets);
  if (std::ranges::adjacent_find(offsets) != offsets.end())
    return under("offsets", refuse(Errc::bad_value, "an offset is named twice"));
  if (!request.attempts) return nullptr;
  if (request.attempts->size() != leases.size())
    return under("attempts", refuse(Errc::bad_value, "\"attempts\" has one for each offset"));
  for (std::size_t i = 0; i < leases.size(); ++i) leases[i].attempt = (*request.attempts)[i];
  request.attempts.reset();
  return nullptr;
}

Result<LeaseRequest> read_leases(LeaseVerb verb, std::string_view body, const Limits& limits) {
  Text text;
  const auto json = minify_into(text, body, limits.json_depth_max);
  if (!json) return json.error();
  Values in{Cursor(*json), &text};
  LeaseRequest request;
  request.verb = verb;
  if (auto refused = read_body(in, request)) return std::move(*refused);
  return request;
}

Refusal read_append_ack(Values& in, AckWithAppend& ack) {
  LeaseRequest request;
  std::string group;
  MemberWalk walk(in, kAck);
  while (const auto member = walk.next()) {
    Refusal refused;
    if (*member == 0) refused = read_name(in, group);
    if (*member == 1) refused = read_name(in, request.said.member);
    if (*member >= 2) refused = read_lease_member(in, *member - 2, request);
    if (refused) return walk.within(std::move(refused));
  }
  if (auto refused = walk.finish(request.replay_id.empty() ? 0b111 : 0b110)) return refused;
  if (auto refused = check_leases(request)) return refused;
  if (!request.replay_id.empty()) ack.replay_of = group;
  ack.group = queue_of(std::move(group), request.replay_id);
  ack.leases = {std::move(request.said.member), std::move(request.said.leases)};
  return nullptr;
}

QueueStep step_of(LeaseRequest request) {
  NackLeases& said = request.said;
  switch (request.verb) {
    case LeaseVerb::ack: return AckLeases{std::move(said.member), std::move(said.leases)};
    case LeaseVerb::extend: return ExtendLeases{std::move(said.member), std::move(said.leases)};
    case LeaseVerb::nack: break;
  }
  return std::move(said);
}

std::string queue_of(std::string group, const std::string& replay_id) {
  return replay_id.empty() ? std::move(group) : replay_name(replay_id);
}

}  // namespace daybook::json
