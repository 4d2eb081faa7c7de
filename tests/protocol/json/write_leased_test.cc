// What members of queues are sent.
#include "protocol/json/write_leased.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json/write_event.h"

namespace daybook::json {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

EventView event() {
  EventView view;
  view.offset = {7};
  view.id.text = "e";
  view.event_type = "t";
  view.aggregate_type = "a";
  view.aggregate_id = "1";
  view.schema_version = "1";
  view.payload = R"({"n":1.0})";
  view.metadata = R"({"who":"me"})";
  return view;
}

std::string written(const EventView& view, Attempt attempt, std::string_view replay_id) {
  EventTexts texts;
  std::string out;
  append_leased(out, {view, attempt, replay_id, view.offset}, texts);
  return out;
}

TEST(WriteLeased, AnEventIsAsItIsReadWithItsAttempt) {
  std::string plain;
  append_event(plain, event());
  plain.pop_back();
  EXPECT_EQ(plain + R"(,"attempt":3})", written(event(), 3, ""));
}

TEST(WriteLeased, TheTextThatIsKeptHasNoAttempt) {
  const EventView view = event();
  EventTexts texts;
  std::string out;
  append_leased(out, {view, 3, "", view.offset}, texts);
  std::string plain;
  append_event(plain, view);
  EXPECT_EQ(plain, texts.of(view, view.offset));
}

TEST(WriteLeased, AReplayIsMarkedInTheMetadataAndBesideIt) {
  const std::string text = written(event(), 1, "r-1");
  EXPECT_THAT(text, HasSubstr(R"("metadata":{"who":"me","replay":true,"replay_id":"r-1"},)"));
  EXPECT_THAT(text, EndsWith(R"(,"attempt":1,"replay_id":"r-1"})"));
}

TEST(MarkReplay, LeavesTheTextOfOthersAlone) {
  EXPECT_EQ(R"({"replay":true,"replay_id":"r"})", mark_replay("{}", "r"));
  EXPECT_EQ(R"({"a":1.00,"\u0062":{"replay":[1,{}]},"a":2,"replay":true,"replay_id":"r"})",
            mark_replay(R"({"a":1.00,"\u0062":{"replay":[1,{}]},"a":2})", "r"));
}

TEST(MarkReplay, WinsOverMembersOfItsNames) {
  EXPECT_EQ(R"({"x":1,"replay":true,"replay_id":"r"})",
            mark_replay(R"({"replay":false,"x":1,"replay_id":{"x":2}})", "r"));
  EXPECT_EQ(R"({"replay":true,"replay_id":"r"})",
            mark_replay(R"({"\u0072eplay":"no","replay":"twice"})", "r"));
}

TEST(MarkReplay, EscapesTheId) {
  EXPECT_EQ(R"({"replay":true,"replay_id":"a\"b"})", mark_replay("{}", "a\"b"));
}

TEST(WriteRefused, NamesEachOffsetAndWhy) {
  std::string none;
  append_refused(none, {});
  EXPECT_EQ(R"("refused":[])", none);
  std::string two;
  const std::vector<Offset> offsets{{4}, {9}};
  append_refused(two, offsets);
  EXPECT_EQ(R"("refused":[{"offset":4,"code":"lease_expired"},)"
            R"({"offset":9,"code":"lease_expired"}])",
            two);
}

}  // namespace
}  // namespace daybook::json
