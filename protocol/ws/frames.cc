// Frames are written by appending text: no tree is built.
#include "protocol/ws/frames.h"

#include <utility>

#include "protocol/json/escape.h"
#include "protocol/json/read_frame.h"
#include "protocol/json/write_leased.h"
#include "protocol/json/write_problem.h"
#include "protocol/json/write_receipt.h"
#include "protocol/ws/bounds.h"

namespace daybook::ws {
namespace {

// Member names and punctuation, offset, sequence, two times, an id.
constexpr std::size_t kEventBytes = 420;

// {"op":"…" and, where there is one, ,"ref":…
std::string begin(std::string_view op, std::string_view ref = {}) {
  std::string frame;
  frame.reserve(96);
  frame.append(R"({"op":")").append(op).push_back('"');
  if (!ref.empty()) frame.append(R"(,"ref":)").append(ref);
  return frame;
}

// ,"name":
void append_member(std::string& frame, std::string_view name) {
  frame.append(",\"").append(name).append("\":");
}

void append_number(std::string& frame, std::string_view name, std::uint64_t value) {
  append_member(frame, name);
  json::append_unsigned(frame, value);
}

void append_text(std::string& frame, std::string_view name, std::string_view text) {
  append_member(frame, name);
  json::append_string(frame, text);
}

std::string begin_of(std::string_view op, std::string_view sub, std::string_view ref = {}) {
  std::string frame = begin(op, ref);
  append_member(frame, "sub");
  frame.append(sub);
  return frame;
}

std::string end(std::string frame) {
  frame.push_back('}');
  return frame;
}

std::string at_offset(std::string_view op, std::string_view sub, Offset offset) {
  std::string frame = begin_of(op, sub);
  append_number(frame, "offset", offset.value);
  return end(std::move(frame));
}

}  // namespace

std::string welcome_frame(const Welcome& welcome) {
  std::string frame = begin("welcome");
  append_text(frame, "version", welcome.version);
  append_number(frame, "head", welcome.head.value);
  frame.append(R"(,"limits":{"body_bytes_max":)");
  json::append_unsigned(frame, welcome.limits.body_bytes_max);
  append_number(frame, "event_bytes_max", welcome.limits.event_bytes_max);
  append_number(frame, "batch_events_max", welcome.limits.batch_events_max);
  append_number(frame, "tags_max", welcome.limits.tags_max);
  append_number(frame, "json_depth_max", welcome.limits.json_depth_max);
  append_number(frame, "credits_max", json::credits_max);
  append_number(frame, "unsent_bytes_max", limits::connection_unsent_bytes);
  append_number(frame, "subscriptions_max", subscriptions_max);
  append_number(frame, "appends_in_flight_max", appends_in_flight_max);
  frame.push_back('}');
  append_number(frame, "ping_ms", static_cast<std::uint64_t>(welcome.ping.count()));
  return end(std::move(frame));
}

std::string goodbye_frame(std::string_view reason) {
  std::string frame = begin("goodbye");
  append_text(frame, "reason", reason);
  return end(std::move(frame));
}

std::string ok_frame(std::string_view ref) {
  return end(begin("ok", ref));
}

std::string ok_frame(std::string_view ref, std::span<const Offset> refused) {
  std::string frame = begin("ok", ref);
  frame.push_back(',');
  json::append_refused(frame, refused);
  return end(std::move(frame));
}

std::string pong_frame(std::string_view ref) {
  return end(begin("pong", ref));
}

std::string appended_frame(std::string_view ref, const Receipt& receipt) {
  std::string frame = begin("appended", ref);
  frame.push_back(',');
  json::append_receipt_members(frame, receipt);
  return end(std::move(frame));
}

std::string committed_frame(std::string_view ref, std::string_view group, Offset offset) {
  std::string frame = begin("committed", ref);
  append_text(frame, "group", group);
  append_number(frame, "offset", offset.value);
  return end(std::move(frame));
}

std::string error_frame(std::string_view ref, const Error& error) {
  std::string frame = begin("error", ref);
  frame.push_back(',');
  json::append_error_members(frame, error);
  return end(std::move(frame));
}

std::string subscribed_frame(std::string_view ref, const Subscribed& subscribed) {
  std::string frame = begin_of("subscribed", subscribed.sub, ref);
  append_number(frame, "after", subscribed.after.value);
  if (subscribed.generation) append_number(frame, "generation", *subscribed.generation);
  return end(std::move(frame));
}

std::string checkpoint_frame(std::string_view sub, Offset offset, Timestamp time) {
  std::string frame = begin_of("checkpoint", sub);
  append_number(frame, "offset", offset.value);
  append_member(frame, "time");
  json::append_time(frame, time);
  return end(std::move(frame));
}

std::string caught_up_frame(std::string_view sub, Offset offset) {
  return at_offset("caught_up", sub, offset);
}

std::string fell_behind_frame(std::string_view sub, Offset offset) {
  return at_offset("fell_behind", sub, offset);
}

std::string trimmed_frame(std::string_view sub, Offset from, Offset to) {
  std::string frame = begin_of("trimmed", sub);
  append_number(frame, "from", from.value);
  append_number(frame, "to", to.value);
  return end(std::move(frame));
}

std::string revoked_frame(std::string_view sub, std::uint64_t generation) {
  std::string frame = begin_of("revoked", sub);
  append_number(frame, "generation", generation);
  return end(std::move(frame));
}

std::string broken_frame(std::string_view sub, const Error& error) {
  std::string frame = begin_of("error", sub);
  frame.push_back(',');
  json::append_error_members(frame, error);
  return end(std::move(frame));
}

std::string lease_expired_frame(std::string_view sub, std::span<const Offset> offsets) {
  const Error error(Errc::lease_expired, "these leases have ended: nothing was changed for them");
  std::string frame = begin_of("error", sub);
  frame.push_back(',');
  json::append_error_members(frame, error);
  char before = '[';
  append_member(frame, "offsets");
  for (const Offset offset : offsets) {
    frame.push_back(std::exchange(before, ','));
    json::append_unsigned(frame, offset.value);
  }
  frame.push_back(']');
  return end(std::move(frame));
}

std::string events_frame(std::string_view sub, const EventsToSend& send, json::EventTexts& texts) {
  std::string frame;
  frame.reserve(send.bytes + 64 + sub.size());
  frame.append(R"({"op":"events","sub":)").append(sub);
  append_member(frame, "events");
  texts.append(frame, send.events, send.head);
  frame.push_back('}');
  return frame;
}

std::string leased_frame(std::string_view sub, const LeasedToSend& send, json::EventTexts& texts) {
  std::string frame;
  frame.reserve(send.bytes + 64 + sub.size());
  frame.append(R"({"op":"events","sub":)").append(sub);
  append_member(frame, "events");
  char before = '[';
  for (std::size_t i = 0; i < send.events.size(); ++i) {
    frame.push_back(std::exchange(before, ','));
    const Leased::Tag& tag = send.tags[i];
    json::append_leased(frame, {send.events[i], tag.attempt, tag.replay_id, send.head}, texts);
  }
  frame.push_back(']');
  return end(std::move(frame));
}

FramePart first_frame(std::span<const EventView> events) {
  FramePart part;
  for (const EventView& event : events) {
    const std::size_t more = frame_bytes(event);
    if (part.count > 0 && part.bytes + more > events_frame_bytes_max) break;
    part.bytes += more;
    ++part.count;
  }
  return part;
}

std::size_t frame_bytes(const EventView& event) {
  std::size_t bytes = kEventBytes + event.payload.size() + event.metadata.size() +
                      event.event_type.size() + event.aggregate_type.size() +
                      event.aggregate_id.size() + event.id.text.size() +
                      event.correlation_id.size() + event.causation_id.size();
  for (const std::string_view tag : event.tags) bytes += tag.size() + 3;
  return bytes;
}

}  // namespace daybook::ws
