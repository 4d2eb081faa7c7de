#include "replication/redis/ingest_message.h"

#include <openssl/evp.h>

#include <algorithm>

#include "protocol/json/escape.h"
#include "protocol/json/name.h"
#include "protocol/json/platform.h"
#include "replication/redis/ingest.h"
#include "storage/base/check.h"

namespace daybook::redis {
namespace {

// With a channel of 255 bytes, and both twice as long for escapes, it fits into the 1024 bytes that
// `limits.event_bytes_max` allows at least.
constexpr std::size_t kShortReasonBytes = 200;

// "body.event_type: Field required; body.aggregate_id: Field required"
std::string reason_of(const json::PlatformRefusal& refusal) {
  std::string out = refusal.detail;
  for (const json::PlatformIssue& issue : refusal.issues) {
    if (!out.empty()) out += "; ";
    for (const auto& part : issue.loc) {
      if (&part != issue.loc.data()) out += '.';
      const auto* member = std::get_if<std::string>(&part);
      out += member ? *member : std::to_string(std::get<std::uint64_t>(part));
    }
    out += ": " + issue.msg;
  }
  return out.substr(0, limits::reason_bytes_max);
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string quoting(const IngestMessage& message) {
  std::string out = "{";
  json::append_member(out, "\"channel\":", message.channel);
  if (json::is_utf8(message.text))
    json::append_member(out, ",\"message\":", message.text);
  else
    json::append_member(out, ",\"message_base64\":", base64(message.text));
  json::append_member(out, ",\"reason\":", message.refusal);
  return out += '}';
}

std::string not_quoting(const IngestMessage& message, std::string_view channel) {
  std::string out = "{";
  json::append_member(out, "\"channel\":", channel);
  json::append_member(out, ",\"message_bytes\":", std::uint64_t{message.text.size()});
  json::append_member(out, ",\"reason\":", message.refusal.substr(0, kShortReasonBytes));
  return out += '}';
}

std::string_view keep_copy(Text& text, std::string_view bytes) {
  CHECK(text.room() >= bytes.size());
  std::ranges::copy(bytes, text.end());
  return text.keep(bytes.size());
}

// Its aggregate is the channel, where that is a name.
Append refused(const IngestMessage& message, const Limits& limits) {
  const std::string_view name =
      json::is_name(message.channel) ? std::string_view(message.channel) : "unnamed";
  std::string payload;
  if (!message.without_text) payload = quoting(message);
  if (payload.empty() || payload.size() + Draft{}.metadata.size() > limits.event_bytes_max)
    payload = not_quoting(message, name);

  Append append;
  append.text = Text(name.size() + payload.size());
  Draft& draft = append.events.emplace_back();
  draft.event_type = kRefusedEventType;
  draft.aggregate_type = kRefusedAggregateType;
  draft.aggregate_id = keep_copy(append.text, name);
  draft.payload = keep_copy(append.text, payload);
  return append;
}

constexpr std::string_view Draft::*kTexts[] = {
    &Draft::event_type,   &Draft::aggregate_type, &Draft::aggregate_id,
    &Draft::id,           &Draft::schema_version, &Draft::correlation_id,
    &Draft::causation_id, &Draft::payload,        &Draft::metadata};

}  // namespace

Append read_message(IngestMessage& message, const Limits& limits) {
  if (!message.refusal.empty()) return refused(message, limits);
  json::PlatformRead read = json::read_platform_event(message.text, limits, {.timestamp = true});
  if (!read.refusal) return std::move(read.append);
  message.refusal =
      json::is_utf8(message.text) ? reason_of(*read.refusal) : std::string("it is not UTF-8");
  return refused(message, limits);
}

Append joined(std::vector<Append> appends) {
  if (appends.size() == 1) return std::move(appends.front());
  std::size_t bytes = 0;
  for (const Append& append : appends)
    for (const auto text : kTexts) bytes += (append.events.front().*text).size();

  Append all;
  all.text = Text(bytes);
  for (const Append& append : appends) {
    Draft& draft = all.events.emplace_back(append.events.front());
    for (const auto text : kTexts) draft.*text = keep_copy(all.text, draft.*text);
  }
  return all;
}

}  // namespace daybook::redis
