// The frames that a server sends, each as one JSON text (WEBSOCKET.md shows them all). `ref` is the
// JSON text that the client sent along, empty where it sent none; `sub` is JSON text as well.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/backend.h"
#include "protocol/json/event_texts.h"
#include "storage/base/error.h"
#include "storage/base/ids.h"
#include "storage/base/limits.h"
#include "storage/base/time.h"
#include "storage/model/command.h"
#include "storage/model/event.h"

namespace daybook::ws {

struct Welcome {
  std::string_view version;
  Offset head;
  Limits limits;
  std::chrono::milliseconds ping{};
};
std::string welcome_frame(const Welcome& welcome);
std::string goodbye_frame(std::string_view reason);

// Answers.
std::string ok_frame(std::string_view ref);
// Of ack, nack and extend.
std::string ok_frame(std::string_view ref, std::span<const Offset> refused);
std::string pong_frame(std::string_view ref);
std::string appended_frame(std::string_view ref, const Receipt& receipt);
std::string committed_frame(std::string_view ref, std::string_view group, Offset offset);
std::string error_frame(std::string_view ref, const Error& error);

// A member that stands by has no generation.
struct Subscribed {
  std::string_view sub;
  Offset after;
  std::optional<std::uint64_t> generation;
};
std::string subscribed_frame(std::string_view ref, const Subscribed& subscribed);

// Of a subscription.
std::string checkpoint_frame(std::string_view sub, Offset offset, Timestamp time);
std::string caught_up_frame(std::string_view sub, Offset offset);
std::string fell_behind_frame(std::string_view sub, Offset offset);
std::string trimmed_frame(std::string_view sub, Offset from, Offset to);
std::string revoked_frame(std::string_view sub, std::uint64_t generation);
// The subscription ends with it.
std::string broken_frame(std::string_view sub, const Error& error);

// An ack, nack or extend without a `ref` was refused for these; the subscription goes on.
std::string lease_expired_frame(std::string_view sub, std::span<const Offset> offsets);

struct EventsToSend {
  std::span<const EventView> events;
  Offset head;            // when they were read
  std::size_t bytes = 0;  // that the frame will take, about
};
std::string events_frame(std::string_view sub, const EventsToSend& send, json::EventTexts& texts);
struct LeasedToSend {
  std::span<const EventView> events;
  std::span<const Leased::Tag> tags;  // one for each event
  Offset head;
  std::size_t bytes = 0;
};
std::string leased_frame(std::string_view sub, const LeasedToSend& send, json::EventTexts& texts);
// What the first frame of several events takes: as many as fit, but at least one.
struct FramePart {
  std::size_t count = 0;
  std::size_t bytes = 0;
};
FramePart first_frame(std::span<const EventView> events);
// What an event takes in a frame, about: escapes in names are not counted.
std::size_t frame_bytes(const EventView& event);

}  // namespace daybook::ws
