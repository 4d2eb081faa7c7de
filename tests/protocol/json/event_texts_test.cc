#include "protocol/json/event_texts.h"

#include <gtest/gtest.h>

#include "protocol/json/write_event.h"

namespace daybook::json {
namespace {

EventView event_at(std::uint64_t offset, std::string_view payload = "{}") {
  EventView event;
  event.offset = Offset{offset};
  event.id.text = "i";
  event.schema_version = "1";
  event.payload = payload;
  event.metadata = "{}";
  return event;
}

std::string written(const EventView& event) {
  std::string out;
  append_event(out, event);
  return out;
}

TEST(EventTexts, AreWhatIsWritten) {
  EventTexts texts;
  for (const std::uint64_t offset : {1, 2, 2, 1, 5000, 1})
    EXPECT_EQ(written(event_at(offset)), texts.of(event_at(offset), Offset{5000}));
  const EventView events[] = {event_at(7), event_at(8)};
  std::string out;
  texts.append(out, events, Offset{8});
  EXPECT_EQ("[" + written(events[0]) + "," + written(events[1]) + "]", out);
  out.clear();
  texts.append(out, {}, Offset{8});
  EXPECT_EQ("[]", out);
}

TEST(EventTexts, AnEventIsEncodedOnce) {
  EventTexts texts;
  const std::string first(texts.of(event_at(9), Offset{9}));
  // The same place in the log: nobody looks at the event again.
  EXPECT_EQ(first, texts.of(event_at(9, R"({"other":1})"), Offset{9}));
}

TEST(EventTexts, WhatIsFarBelowTheHeadIsNotKept) {
  EventTexts texts;
  const Offset head{10 * EventTexts::events_max};
  texts.of(event_at(1), head);
  EXPECT_EQ(written(event_at(1, "[1]")), texts.of(event_at(1, "[1]"), head));
}

TEST(EventTexts, AnOldEventDoesNotDisplaceANewOne) {
  EventTexts texts;
  const std::uint64_t place = EventTexts::events_max;
  texts.of(event_at(2 * place), Offset{2 * place});
  // A page that was read while its events were new.
  texts.of(event_at(place), Offset{place});
  EXPECT_EQ(written(event_at(2 * place)), texts.of(event_at(2 * place, "[1]"), Offset{2 * place}));
}

TEST(EventTexts, AreBounded) {
  EventTexts texts;
  const std::string large(EventTexts::text_bytes_max, '1');
  const std::string fitting(EventTexts::text_bytes_max - written(event_at(1'000'000, "")).size(),
                            '1');
  EXPECT_EQ(written(event_at(1, large)), texts.of(event_at(1, large), Offset{1}));
  EXPECT_EQ(written(event_at(1)), texts.of(event_at(1), Offset{1})) << "the large one was kept";
  for (std::uint64_t i = 1'000'000; i < 1'000'000 + 3 * EventTexts::events_max; ++i)
    texts.of(event_at(i, fitting), Offset{i});
  EXPECT_GE(texts.bytes(), EventTexts::events_max * EventTexts::text_bytes_max);
  EXPECT_LE(texts.bytes(), 2 * EventTexts::events_max * EventTexts::text_bytes_max);
}

}  // namespace
}  // namespace daybook::json
