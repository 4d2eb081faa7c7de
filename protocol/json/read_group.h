// Bodies of the group routes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/json/values.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/group.h"

namespace daybook::json {

inline constexpr std::uint32_t member_timeout_ms_min = 1000;
inline constexpr std::uint32_t member_timeout_ms_max = 86'400'000;
inline constexpr std::uint32_t fetch_wait_ms_max = 60'000;

// `PUT /v1/groups/{group}`. Members that only queue mode has are `bad_value` in log mode.
Result<GroupSettings> read_group_settings(std::string_view body, const Limits& limits);

struct FetchRequest {
  std::string member;
  std::uint32_t max = 100;
  std::chrono::milliseconds wait{1000};
  std::optional<Offset> after;  // nullopt: from the committed offset
};
Result<FetchRequest> read_fetch(std::string_view body, const Limits& limits);

struct CommitRequest {
  Offset offset;
  std::optional<std::uint64_t> generation;
};
Result<CommitRequest> read_commit(std::string_view body, const Limits& limits);

// {"to": "beginning" | "head" | {"after": N} | {"time": …}}
Result<GroupStart> read_reset(std::string_view body, const Limits& limits);

// {"member": …}: heartbeat and leave.
Result<std::string> read_member(std::string_view body, const Limits& limits);

// "beginning", "head", {"after": N} or {"time": …} as a member of another body.
Refusal read_start(Values& in, GroupStart& start);

}  // namespace daybook::json
