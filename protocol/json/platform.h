// The Platform dialect: bodies of `POST /events/` and `POST /events/batch`, its event of 8 members,
// and its list of what is wrong with a body. A Platform event is an ordinary event: `version` is
// `schema_version`, `created_at` is `recorded_at`, its id is always made by the server (so the id
// space is ""), its aggregate_id is a UUID in lower case with dashes.
//
// Lenient mode takes a body that names no aggregate: it is stored with aggregate_type
// "platform.source" and its `source` as aggregate_id ("unknown" where it names none), its
// `correlation_id` is kept, and the writer echoes `source` for exactly those events.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/base/limits.h"
#include "storage/model/command.h"
#include "storage/model/event.h"

namespace daybook::json {

inline constexpr std::string_view lenient_aggregate_type = "platform.source";
inline constexpr std::string_view lenient_source_unknown = "unknown";

// One entry of {"detail":[…]}.
struct PlatformIssue {
  using Part = std::variant<std::string, std::uint64_t>;
  std::string type;       // "missing"
  std::vector<Part> loc;  // "body", 3, "aggregate_id"
  std::string msg;        // "Field required"
  std::string input;      // JSON text
  std::string ctx;        // JSON text of an object; empty: none
};

// Why a body was refused: 422 with issues, or, where the bytes are not UTF-8, a bare 400.
struct PlatformRefusal {
  unsigned status = 422;
  std::vector<PlatformIssue> issues;  // empty: `detail` is a sentence
  std::string detail;
};

struct PlatformRead {
  Append append;
  std::optional<PlatformRefusal> refusal;
};

struct PlatformRules {
  bool lenient = false;
  bool json_content_type = true;  // else upstream reads the body as a string, and refuses it
  // `timestamp`, naive UTC, is when it occurred: so it stands in the Platform's messages on Redis.
  bool timestamp = false;
};

// One event.
PlatformRead read_platform_event(std::string_view body, const Limits& limits, PlatformRules rules);

// A bare array of events, atomic. A refusal names the index in `loc`: ["body",3,"aggregate_id"].
PlatformRead read_platform_batch(std::string_view body, const Limits& limits, PlatformRules rules);

// A UUID in any spelling that the Platform takes (upper case, 32 digits, urn:uuid:, braces), in
// lower case with dashes; or what is wrong with it, the tail of the Platform's sentence.
struct PlatformUuid {
  std::string text;
  std::string wrong;  // empty: it is one
};
PlatformUuid read_platform_uuid(std::string_view text);

// {"detail":[{"type":…,"loc":[…],"msg":…,"input":…,"ctx":…}]}, or {"detail":"…"}.
void append_platform_refusal(std::string& out, const PlatformRefusal& refusal);

// As Python's datetime.isoformat writes a time without a zone: "2026-11-20T22:04:51.448968",
// without the fraction where it is zero.
void append_naive_time(std::string& out, Timestamp time);

// {"id":…,"event_type":…,…,"created_at":"2026-01-24T10:00:00.123456","version":1}
void append_platform_event(std::string& out, const EventView& event);

}  // namespace daybook::json
