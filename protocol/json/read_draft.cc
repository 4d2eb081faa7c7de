// See read_draft.h.
#include "protocol/json/read_draft.h"

#include <algorithm>
#include <array>

#include "protocol/json/escape.h"
#include "protocol/json/name.h"

namespace daybook::json {
namespace {

enum Member : std::size_t {
  event_type,
  aggregate_type,
  aggregate_id,
  payload,
  metadata,
  id,
  schema_version,
  tags,
  occurred_at,
  correlation_id,
  causation_id,
  expected_sequence,
};
constexpr std::array<std::string_view, 12> kNames = {
    "event_type",   "aggregate_type",   "aggregate_id", "payload",     "metadata",
    "id",           "schema_version",   "tags",         "occurred_at", "correlation_id",
    "causation_id", "expected_sequence"};
constexpr Members kEvent{"an event", kNames};
constexpr std::uint32_t kRequired = 1U << event_type | 1U << aggregate_type | 1U << aggregate_id;

Refusal read_schema_version(Values& in, std::string_view& out) {
  constexpr auto kWanted = "schema_version is a positive integer or a string of 1 to 50 bytes";
  Values ahead = in;
  const std::string_view token = ahead.at.take();
  out = token;
  if (in.at.is_number()) {
    std::uint64_t number = 0;
    return read_unsigned(in, number, {.min = 1});
  }
  if (!in.at.is_string()) return refuse(Errc::bad_value, kWanted);
  in = ahead;
  const std::string text = decode_inside(token.substr(1, token.size() - 2));
  if (text.size() > limits::schema_version_bytes_max) return refuse(Errc::limit_exceeded, kWanted);
  if (!is_name(text)) return refuse(Errc::bad_value, kWanted);
  if (text.size() + 2 == token.size()) return nullptr;
  // Spelt with escapes: kept in the one spelling that writers use, which is never longer.
  std::string plain;
  append_string(plain, text);
  std::ranges::copy(plain, in.text->end());
  out = in.text->keep(plain.size());
  return nullptr;
}

Refusal read_expected(Values& in, Expected& out) {
  if (in.at.is_number()) {
    out.kind = Expected::Kind::exact;
    return read_unsigned(in, out.sequence.value);
  }
  std::string_view word;
  if (in.at.is_string()) {
    if (auto refused = read_string(in, word)) return refused;
  }
  if (word == "none") {
    out.kind = Expected::Kind::none;
  } else if (word == "exists") {
    out.kind = Expected::Kind::exists;
  } else if (word == "any") {
    out.kind = Expected::Kind::any;
  } else {
    return refuse(Errc::bad_value,
                  "expected_sequence is an integer, \"exists\", \"none\" or \"any\"");
  }
  return nullptr;
}

Refusal read_tags(Values& in, const Limits& limits, TagViews& out) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "tags are an array of strings");
  if (!in.at.enter()) return nullptr;
  std::size_t index = 0;
  do {
    std::string_view tag;
    if (auto refused = read_name(in, tag)) return under(index, std::move(refused));
    ++index;
    if (std::ranges::find(out, tag) != out.end()) continue;
    if (out.size() == limits.tags_max)
      return refuse(
          Errc::limit_exceeded,
          "an event has at most " + std::to_string(limits.tags_max) + " tags (limits.tags_max)");
    out.push_back(tag);
  } while (in.at.next());
  return nullptr;
}

Refusal read_metadata(Values& in, std::string_view& out) {
  if (!in.at.is_object()) return refuse(Errc::bad_value, "metadata must be a JSON object");
  out = in.at.take();
  return nullptr;
}

Refusal read_member(Values& in, std::size_t member, const Limits& limits, Draft& draft) {
  switch (member) {
    case event_type: return read_name(in, draft.event_type);
    case aggregate_type: return read_name(in, draft.aggregate_type);
    case aggregate_id: return read_name(in, draft.aggregate_id);
    case payload: draft.payload = in.at.take(); return nullptr;
    case metadata: return read_metadata(in, draft.metadata);
    case id: return read_name(in, draft.id);
    case schema_version: return read_schema_version(in, draft.schema_version);
    case tags: return read_tags(in, limits, draft.tags);
    case occurred_at: return read_time(in, draft.occurred_at.emplace());
    case correlation_id: return read_name(in, draft.correlation_id);
    case causation_id: return read_name(in, draft.causation_id);
    default: return read_expected(in, draft.expected);
  }
}

// The string tokens of the four members that may stand in for the event's own; the last of a
// repeated one counts, as for most parsers.
struct Stand {
  std::string_view snake;
  std::string_view camel;
  std::string_view token() const { return snake.empty() ? camel : snake; }
};

void look(std::string_view name, std::string_view token, Stand& correlation, Stand& causation) {
  if (name == "correlation_id") correlation.snake = token;
  if (name == "correlationId") correlation.camel = token;
  if (name == "causation_id") causation.snake = token;
  if (name == "causationId") causation.camel = token;
}

void take_stand(const Stand& stand, Text& text, std::string_view& out) {
  if (!out.empty() || stand.token().empty()) return;
  const std::string_view decoded = decode(stand.token(), text);
  if (is_name(decoded)) out = decoded;
}

}  // namespace

Refusal read_draft(Values& in, const Limits& limits, Draft& draft) {
  MemberWalk walk(in, kEvent);
  while (const auto member = walk.next())
    if (auto refused = read_member(in, *member, limits, draft))
      return walk.within(std::move(refused));
  if (auto refused = walk.finish(kRequired)) return refused;
  fill_from_metadata(draft, *in.text);
  return check_event_bytes(draft, limits);
}

void fill_from_metadata(Draft& draft, Text& text) {
  if (!draft.correlation_id.empty() && !draft.causation_id.empty()) return;
  Cursor at(draft.metadata);
  if (!at.enter()) return;
  Stand correlation;
  Stand causation;
  do {
    const std::string_view name = at.take_name();
    const bool text_value = at.is_string();
    const std::string_view token = at.take();
    if (!text_value) continue;
    if (name.find('\\') == std::string_view::npos) {
      look(name, token, correlation, causation);
    } else {
      look(decode_inside(name), token, correlation, causation);
    }
  } while (at.next());
  take_stand(correlation, text, draft.correlation_id);
  take_stand(causation, text, draft.causation_id);
}

Refusal check_event_bytes(const Draft& draft, const Limits& limits) {
  const std::size_t bytes = draft.payload.size() + draft.metadata.size();
  if (bytes <= limits.event_bytes_max) return nullptr;
  return refuse(Errc::limit_exceeded, "payload and metadata have " + std::to_string(bytes) +
                                          " bytes, at most " +
                                          std::to_string(limits.event_bytes_max) +
                                          " are allowed (limits.event_bytes_max)");
}

}  // namespace daybook::json
