// See read_group.h.
#include "protocol/json/read_group.h"

#include <algorithm>
#include <array>

#include "protocol/json/read_body.h"
#include "protocol/json/read_query.h"
#include "protocol/json/read_queue_settings.h"

namespace daybook::json {
namespace {

// Those of every group, then those of queues.
constexpr std::size_t kCommonSettings = 4;
constexpr auto kSettingsNames = [] {
  std::array<std::string_view, kCommonSettings + kQueueSettings.size()> names{
      "mode", "start", "filter", "member_timeout_ms"};
  std::ranges::copy(kQueueSettings, names.begin() + kCommonSettings);
  return names;
}();
constexpr Members kSettings{"a group", kSettingsNames};

constexpr std::array<std::string_view, 2> kStartNames = {"after", "time"};
constexpr Members kStart{"a place to start", kStartNames};

constexpr std::array<std::string_view, 4> kFetchNames = {"member", "max", "wait_ms", "after"};
constexpr Members kFetch{"a fetch", kFetchNames};

constexpr std::array<std::string_view, 2> kCommitNames = {"offset", "generation"};
constexpr Members kCommit{"a commit", kCommitNames};

constexpr std::array<std::string_view, 1> kResetNames = {"to"};
constexpr Members kReset{"a reset", kResetNames};

constexpr std::array<std::string_view, 1> kMemberNames = {"member"};
constexpr Members kMember{"the body", kMemberNames};

Refusal read_mode(Values& in, GroupMode& mode) {
  std::string_view word;
  if (auto refused = read_string(in, word)) return refused;
  mode = word == "queue" ? GroupMode::queue : GroupMode::log;
  return word == "queue" || word == "log" ? nullptr
                                          : refuse(Errc::bad_value, "mode is \"log\" or \"queue\"");
}

// Refuses the members that only queues have.
Refusal check_log_settings(const MemberWalk& walk) {
  for (std::size_t i = kCommonSettings; i < kSettingsNames.size(); ++i)
    if (walk.has(i))
      return under(kSettingsNames[i], refuse(Errc::bad_value, "only groups in queue mode have " +
                                                                  std::string(kSettingsNames[i])));
  return nullptr;
}

Refusal read_settings(Values& in, GroupSettings& settings) {
  MemberWalk walk(in, kSettings);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_mode(in, settings.mode); break;
      case 1: refused = read_start(in, settings.start); break;
      case 2: refused = read_filter(in, settings.filter); break;
      case 3: {
        std::uint64_t timeout = 0;
        refused = read_unsigned(in, timeout,
                                {.min = member_timeout_ms_min, .max = member_timeout_ms_max});
        settings.member_timeout_ms = static_cast<std::uint32_t>(timeout);
        break;
      }
      default: refused = read_queue_setting(in, *member - kCommonSettings, settings.queue);
    }
    if (refused) return walk.within(std::move(refused));
  }
  if (auto refused = walk.finish()) return refused;
  return settings.mode == GroupMode::log ? check_log_settings(walk)
                                         : check_queue_settings(settings.queue);
}

Refusal read_start_object(Values& in, GroupStart& start) {
  MemberWalk walk(in, kStart);
  while (const auto member = walk.next()) {
    if (walk.has(0) && walk.has(1))
      return refuse(Errc::bad_value, "either \"after\" or \"time\" is expected here, not both");
    auto refused = *member == 0 ? read_offset(in, start.emplace<Offset>())
                                : read_time(in, start.emplace<Timestamp>());
    if (refused) return walk.within(std::move(refused));
  }
  return walk.finish(walk.has(1) ? 0 : 0b1);
}

}  // namespace

Refusal read_start(Values& in, GroupStart& start) {
  if (in.at.is_object()) return read_start_object(in, start);
  std::string_view word;
  if (in.at.is_string()) {
    if (auto refused = read_string(in, word)) return refused;
  }
  if (word == "beginning") {
    start = FromBeginning{};
  } else if (word == "head") {
    start = FromHead{};
  } else {
    return refuse(Errc::bad_value,
                  R"("beginning", "head", {"after": N} or {"time": "…"} is expected here)");
  }
  return nullptr;
}

Result<GroupSettings> read_group_settings(std::string_view body, const Limits& limits) {
  return read_body<GroupSettings>(body, limits, read_settings);
}

Result<FetchRequest> read_fetch(std::string_view body, const Limits& limits) {
  const auto read = [&limits](Values& in, FetchRequest& fetch) {
    std::uint64_t max = fetch.max;
    std::uint64_t wait_ms = static_cast<std::uint64_t>(fetch.wait.count());
    MemberWalk walk(in, kFetch);
    while (const auto member = walk.next()) {
      Refusal refused;
      if (*member == 0) refused = read_name(in, fetch.member);
      if (*member == 1) refused = read_unsigned(in, max, {.min = 1, .max = limits.page_events_max});
      if (*member == 2) refused = read_unsigned(in, wait_ms, {.max = fetch_wait_ms_max});
      if (*member == 3) refused = read_offset(in, fetch.after.emplace());
      if (refused) return walk.within(std::move(refused));
    }
    fetch.max = static_cast<std::uint32_t>(max);
    fetch.wait = std::chrono::milliseconds(wait_ms);
    return walk.finish(0b1);
  };
  return read_body<FetchRequest>(body, limits, read);
}

Result<CommitRequest> read_commit(std::string_view body, const Limits& limits) {
  const auto read = [](Values& in, CommitRequest& commit) {
    MemberWalk walk(in, kCommit);
    while (const auto member = walk.next()) {
      auto refused = *member == 0 ? read_offset(in, commit.offset)
                                  : read_unsigned(in, commit.generation.emplace());
      if (refused) return walk.within(std::move(refused));
    }
    return walk.finish(0b1);
  };
  return read_body<CommitRequest>(body, limits, read);
}

Result<GroupStart> read_reset(std::string_view body, const Limits& limits) {
  const auto read = [](Values& in, GroupStart& to) {
    MemberWalk walk(in, kReset);
    while (walk.next())
      if (auto refused = read_start(in, to)) return walk.within(std::move(refused));
    return walk.finish(0b1);
  };
  return read_body<GroupStart>(body, limits, read);
}

Result<std::string> read_member(std::string_view body, const Limits& limits) {
  const auto read = [](Values& in, std::string& member) {
    MemberWalk walk(in, kMember);
    while (walk.next())
      if (auto refused = read_name(in, member)) return walk.within(std::move(refused));
    return walk.finish(0b1);
  };
  return read_body<std::string>(body, limits, read);
}

}  // namespace daybook::json
