// Bodies of the Platform: members in its order, all that is wrong at once, unknown ones ignored.
#include <algorithm>
#include <array>

#include "protocol/json/escape.h"
#include "protocol/json/minify.h"
#include "protocol/json/name.h"
#include "protocol/json/platform.h"
#include "protocol/json/platform_issue.h"
#include "protocol/json/platform_version.h"
#include "protocol/json/read_draft.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

constexpr std::size_t kIssuesMax = 100;  // of one batch: more help nobody

enum Member : std::size_t {
  event_type,
  aggregate_type,
  aggregate_id,
  payload,
  metadata,
  version,
  source,
  correlation_id,
  timestamp,
};
constexpr std::array<std::string_view, 9> kNames = {"event_type", "aggregate_type", "aggregate_id",
                                                    "payload",    "metadata",       "version",
                                                    "source",     "correlation_id", "timestamp"};

// The values' JSON texts; empty where absent. Of a repeated member the last counts.
using Tokens = std::array<std::string_view, kNames.size()>;

Tokens find_members(Cursor at) {
  Tokens tokens;
  if (!at.enter()) return tokens;
  do {
    const std::string name = decode_inside(at.take_name());
    const std::string_view token = at.take();
    const auto found = std::ranges::find(kNames, std::string_view(name));
    if (found != kNames.end()) tokens[static_cast<std::size_t>(found - kNames.begin())] = token;
  } while (at.next());
  return tokens;
}

std::string_view keep_copy(Text& text, std::string_view bytes) {
  CHECK(text.room() >= bytes.size());
  std::ranges::copy(bytes, text.end());
  return text.keep(bytes.size());
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// What the Platform's JSONB columns refuse: U+0000 and lone surrogates.
bool fits_jsonb(std::string_view json) {
  for (auto at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at)) {
    if (json[at + 1] != 'u') {
      at += 2;
      continue;
    }
    const bool pair = json.size() - at >= 12 && json[at + 6] == '\\' && json[at + 7] == 'u';
    const std::string both = decode_inside(json.substr(at, pair ? 12 : 6));
    if (both[0] == '\0') return false;
    if (is_utf8(both)) {
      // A surrogate pair is one character of four bytes; else the second escape is looked at next.
      at += both.size() == 4 && static_cast<unsigned char>(both[0]) >= 0xF0 ? 12 : 6;
    } else if (is_utf8(decode_inside(json.substr(at, 6)))) {
      at += 6;
    } else {
      return false;
    }
  }
  return true;
}

// Reads one event; what is wrong goes to `issues`.
class EventReader {
 public:
  EventReader(const Limits& limits, const PlatformRules& rules, Text& text,
              std::vector<PlatformIssue>& issues)
      : limits_(limits), rules_(rules), text_(text), issues_(issues) {}

  void read(const Place& whole, Draft& draft) {
    if (!whole.input.starts_with('{')) return wrong(not_an_object(whole));
    tokens_ = find_members(Cursor(whole.input));
    read_name(whole, event_type, limits::name_bytes_max, draft.event_type);
    if (rules_.lenient && is_absent(aggregate_type) && is_absent(aggregate_id)) {
      read_source(whole, draft);
    } else {
      read_name(whole, aggregate_type, 100, draft.aggregate_type);
      read_aggregate_id(whole, draft);
    }
    read_object(whole, payload, draft.payload);
    read_object(whole, metadata, draft.metadata);
    read_version(whole, draft);
    if (rules_.timestamp && !is_absent(timestamp)) read_timestamp(whole, draft);
    fill_from_metadata(draft, text_);
    if (const auto refused = check_event_bytes(draft, limits_))
      wrong(value_error(whole.at("payload", "{}"), refused->detail));
  }

 private:
  void wrong(PlatformIssue issue) {
    if (issues_.size() < kIssuesMax) issues_.push_back(std::move(issue));
  }
  bool is_absent(Member member) const {
    return tokens_[member].empty() || tokens_[member] == "null";
  }
  Place place_of(const Place& whole, Member member) const {
    return whole.at(kNames[member], tokens_[member]);
  }

  // Nullopt, with the issue noted, where the member is no string of Unicode.
  std::optional<std::string_view> read_text(const Place& place) {
    if (!place.input.starts_with('"')) {
      wrong(string_type(place));
      return std::nullopt;
    }
    const std::string_view text = decode(place.input, text_);
    if (is_utf8(text)) return text;
    wrong(string_unicode(place));
    return std::nullopt;
  }

  void read_name(const Place& whole, Member member, std::size_t characters_max,
                 std::string_view& out) {
    if (tokens_[member].empty()) return wrong(missing(whole, kNames[member]));
    const Place place = place_of(whole, member);
    const auto text = read_text(place);
    if (!text) return;
    if (text->empty()) return wrong(string_too_short(place));
    if (characters(*text) > characters_max) return wrong(string_too_long(place, characters_max));
    if (!is_name(*text))
      return wrong(
          value_error(place, "at most 255 bytes without control characters can be kept here"));
    out = *text;
  }

  void read_aggregate_id(const Place& whole, Draft& draft) {
    if (tokens_[aggregate_id].empty()) return wrong(missing(whole, kNames[aggregate_id]));
    const Place place = place_of(whole, aggregate_id);
    if (!place.input.starts_with('"')) return wrong(uuid_type(place));
    const auto text = read_text(place);
    if (!text) return;
    const PlatformUuid uuid = read_platform_uuid(*text);
    if (!uuid.wrong.empty()) return wrong(uuid_parsing(place, uuid.wrong));
    draft.aggregate_id = uuid.text == *text ? *text : keep_copy(text_, uuid.text);
  }

  void read_source(const Place& whole, Draft& draft) {
    draft.aggregate_type = lenient_aggregate_type;
    draft.aggregate_id = lenient_source_unknown;
    if (!is_absent(source) && tokens_[source] != "\"\"")
      read_name(whole, source, limits::name_bytes_max, draft.aggregate_id);
    if (!is_absent(correlation_id) && tokens_[correlation_id] != "\"\"")
      read_name(whole, correlation_id, limits::name_bytes_max, draft.correlation_id);
  }

  void read_object(const Place& whole, Member member, std::string_view& out) {
    if (tokens_[member].empty()) return;
    const Place place = place_of(whole, member);
    if (!place.input.starts_with('{')) return wrong(dict_type(place));
    if (!fits_jsonb(place.input))
      return wrong(value_error(place, "\\u0000 and lone surrogates cannot be stored"));
    out = place.input;
  }

  void read_version(const Place& whole, Draft& draft) {
    if (tokens_[version].empty()) return;
    auto number = read_platform_version(place_of(whole, version));
    if (auto* issue = std::get_if<PlatformIssue>(&number)) return wrong(std::move(*issue));
    const std::int32_t value = std::get<std::int32_t>(number);
    if (value != 1) draft.schema_version = keep_copy(text_, std::to_string(value));
  }

  void read_timestamp(const Place& whole, Draft& draft) {
    const Place place = place_of(whole, timestamp);
    const auto text = read_text(place);
    if (!text) return;
    draft.occurred_at = parse_naive_utc(*text);
    if (!draft.occurred_at)
      wrong(value_error(place, "it is no time like 2026-01-24T10:00:00.123456"));
  }

  const Limits& limits_;
  const PlatformRules& rules_;
  Text& text_;
  std::vector<PlatformIssue>& issues_;
  Tokens tokens_;
};

const Loc kBody = {std::string("body")};

PlatformIssue no_body() {
  return {"missing", kBody, "Field required", "null", {}};
}

// The body as JSON text that has been validated, or why not. A UUID spelt in fewer bytes than it
// is stored, and a version, need room of their own: less than the event's member names took.
std::variant<std::string_view, PlatformRefusal> open(Text& text, std::string_view body,
                                                     const Limits& limits, bool json) {
  if (body.empty()) return PlatformRefusal{422, {no_body()}, {}};
  if (!json) {
    std::string input;
    append_string(input, body);
    return PlatformRefusal{422, {not_an_object({kBody, input})}, {}};
  }
  const Minified done = minify_into(text, body, limits.json_depth_max, body.size());
  if (done.broken != Broken::nothing) return json_refusal(done, body);
  const std::string_view value(text.end() - done.size, done.size);
  if (value == "null") return PlatformRefusal{422, {no_body()}, {}};
  return value;
}

void read_list(const Place& list, const Limits& limits, const PlatformRules& rules,
               std::vector<PlatformIssue>& issues, Append& append) {
  if (!list.input.starts_with('[')) {
    issues.push_back(list_type(list));
    return;
  }
  Cursor at(list.input);
  if (!at.enter()) {
    issues.push_back(list_too_short(list));
    return;
  }
  EventReader reader(limits, rules, append.text, issues);
  std::size_t index = 0;
  do {
    const std::string_view event = at.take();
    if (index < limits.batch_events_max)
      reader.read({{std::string("body"), std::uint64_t{index}}, event},
                  append.events.emplace_back());
    ++index;
  } while (at.next());
  if (index > limits.batch_events_max)
    issues.insert(issues.begin(), list_too_long(list, limits.batch_events_max, index));
}

PlatformRead finish(Append append, std::vector<PlatformIssue> issues) {
  if (issues.empty()) return {std::move(append), std::nullopt};
  return {Append{}, PlatformRefusal{422, std::move(issues), {}}};
}

}  // namespace

PlatformRead read_platform_event(std::string_view body, const Limits& limits, PlatformRules rules) {
  Append append;
  auto json = open(append.text, body, limits, rules.json_content_type);
  if (auto* refusal = std::get_if<PlatformRefusal>(&json)) return {Append{}, std::move(*refusal)};
  std::vector<PlatformIssue> issues;
  EventReader(limits, rules, append.text, issues)
      .read({kBody, std::get<std::string_view>(json)}, append.events.emplace_back());
  return finish(std::move(append), std::move(issues));
}

PlatformRead read_platform_batch(std::string_view body, const Limits& limits, PlatformRules rules) {
  Append append;
  auto json = open(append.text, body, limits, rules.json_content_type);
  if (auto* refusal = std::get_if<PlatformRefusal>(&json)) return {Append{}, std::move(*refusal)};
  std::vector<PlatformIssue> issues;
  read_list({kBody, std::get<std::string_view>(json)}, limits, rules, issues, append);
  return finish(std::move(append), std::move(issues));
}

}  // namespace daybook::json
