#include "replication/redis/message.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "replication/redis/python_json.h"
#include "tests/replication/memory_feed.h"

namespace daybook::redis {
namespace {

using daybook::testing::LoggedEvent;

// The golden event of the Platform's contract, as a client sent it.
LoggedEvent golden() {
  LoggedEvent event{.id = "e37f5b87-0000-4000-8000-000000000001",
                    .event_type = "agent.created",
                    .aggregate_type = "agent",
                    .aggregate_id = "550e8400-e29b-41d4-a716-446655440000",
                    .payload = R"({"n":1.0,"u":"é","name":"explore-agent"})",
                    .metadata = R"({"session_id":"session-123"})",
                    .recorded_at = *parse_rfc3339("2026-11-20T22:04:51.450839Z")};
  event.offset = Offset{42};
  event.sequence = Sequence{7};
  return event;
}

std::string message(MessageForm form, const LoggedEvent& event,
                    const std::optional<Place>& place = std::nullopt) {
  std::string out;
  append_message(out, form, event.view(), place);
  return out;
}

std::string python(const std::string& json) {
  std::string out;
  append_python_json(out, json);
  return out;
}

const Place kPlace{.offset = Offset{42}, .previous = Offset{40}};

TEST(Message, LegacyIsTheMessageOfTheContract) {
  EXPECT_EQ(
      R"({"event_type": "agent.created", "aggregate_type": "agent", )"
      R"("aggregate_id": "550e8400-e29b-41d4-a716-446655440000", )"
      R"("payload": {"n": 1.0, "u": "\u00e9", "name": "explore-agent"}, )"
      R"("metadata": {"session_id": "session-123"}, "timestamp": "2026-11-20T22:04:51.450839"})",
      message(MessageForm::legacy, golden()));
}

TEST(Message, LegacyEscapesNamesAndDropsAnEmptyFraction) {
  LoggedEvent event = golden();
  event.event_type = "é\"\\😀";
  event.recorded_at = *parse_rfc3339("2026-11-20T22:04:51Z");
  EXPECT_EQ(R"({"event_type": "\u00e9\"\\\ud83d\ude00", "aggregate_type": "agent", )"
            R"("aggregate_id": "550e8400-e29b-41d4-a716-446655440000", )"
            R"("payload": {"n": 1.0, "u": "\u00e9", "name": "explore-agent"}, )"
            R"("metadata": {"session_id": "session-123"}, "timestamp": "2026-11-20T22:04:51", )"
            R"("offset": 42, "previous_offset": 40})",
            message(MessageForm::legacy, event, kPlace));
}

TEST(Message, FullIsThePlatformsEvent) {
  const std::string event =
      R"({"id":"e37f5b87-0000-4000-8000-000000000001","event_type":"agent.created",)"
      R"("aggregate_type":"agent","aggregate_id":"550e8400-e29b-41d4-a716-446655440000",)"
      R"("payload":{"n":1.0,"u":"é","name":"explore-agent"},)"
      R"("metadata":{"session_id":"session-123"},)"
      R"("created_at":"2026-11-20T22:04:51.450839","version":1)";
  EXPECT_EQ(event + "}", message(MessageForm::full, golden()));
  EXPECT_EQ(event + R"(,"offset":42,"previous_offset":40})",
            message(MessageForm::full, golden(), kPlace));
}

TEST(Message, NativeIsTheEventOfTheApi) {
  const std::string event =
      R"({"offset":42,"id":"e37f5b87-0000-4000-8000-000000000001","aggregate_type":"agent",)"
      R"("aggregate_id":"550e8400-e29b-41d4-a716-446655440000","sequence":7,)"
      R"("event_type":"agent.created","schema_version":1,"tags":[],"correlation_id":null,)"
      R"("causation_id":null,"payload":{"n":1.0,"u":"é","name":"explore-agent"},)"
      R"("metadata":{"session_id":"session-123"},"occurred_at":"2026-11-20T22:04:51.450839Z",)"
      R"("recorded_at":"2026-11-20T22:04:51.450839Z")";
  EXPECT_EQ(event + "}", message(MessageForm::native, golden()));
  EXPECT_EQ(event + R"(,"previous_offset":40})", message(MessageForm::native, golden(), kPlace));
}

TEST(PythonJson, KeepsNumbersAsTheyAreSpelt) {
  EXPECT_EQ(R"({"a": [1E5, -0, 1.50, 123456789012345678901234567890]})",
            python(R"({"a":[1E5,-0,1.50,123456789012345678901234567890]})"));
}

TEST(PythonJson, ReplacesWhatIsNoUtf8) {
  std::string out;
  append_python_string(out, "a\xFFz\xC3");
  EXPECT_EQ(R"("a\ufffdz\ufffd")", out);
}

TEST(PythonJson, IsWhatPythonWrites) {
  const std::vector<std::string> documents = {
      R"({})",
      R"([])",
      R"(null)",
      R"("")",
      R"([true,false,null,0,-1,1.5,"a,b:c"])",
      R"({"a":{"b":[{"c":"d:e, f"},[]]},"":{}})",
      R"("\"\\\/\b\f\n\r\t")",
      R"("\u0000\u0008\u000c\u001f\u0020\u0041\u007e\u007f\u0080\u00E9\uFFFF")",
      R"("\ud83d\ude00 \uD800 \udc00 x\ud800")",
      "\"\x7f é ß \u0080 \u07ff \u0800 \uffff 漢字 😀 \U0010FFFF\"",
      R"({"é":"ключ","\u00e9\"":[",",":","\\"]})",
  };
  const std::string path =
      std::filesystem::temp_directory_path() / ("daybook_python_" + std::to_string(::getpid()));
  std::ofstream in(path);
  for (const std::string& document : documents) in << document << '\n';
  in.close();
  const std::string command =
      "python3 -c 'import json,sys\n"
      "for line in open(sys.argv[1], encoding=\"utf-8\", newline=\"\\n\"): "
      "print(json.dumps(json.loads(line)))' " +
      path;
  FILE* out = ::popen(command.c_str(), "r");
  ASSERT_NE(nullptr, out);
  std::string written;
  for (int c = std::fgetc(out); c != EOF; c = std::fgetc(out)) written += static_cast<char>(c);
  const int ended = ::pclose(out);
  std::filesystem::remove(path);
  if (ended == 127 << 8) GTEST_SKIP() << "there is no Python here";
  ASSERT_EQ(0, ended);
  std::string expected;
  for (const std::string& document : documents) expected += python(document) + '\n';
  EXPECT_EQ(written, expected);
}

}  // namespace
}  // namespace daybook::redis
