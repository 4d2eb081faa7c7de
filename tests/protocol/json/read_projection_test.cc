// Declarations of read models: what is taken, what is refused and where, and that they are written
// as they were read.
#include "protocol/json/read_projection.h"

#include <gtest/gtest.h>

#include "protocol/json/write_projection.h"

namespace daybook::json {
namespace {

using Kind = ReadModelChange::Kind;

ReadModelValue from(std::string pointer, std::string truncate = "") {
  return {std::move(pointer), "", std::move(truncate)};
}
ReadModelValue constant(std::string json) {
  return {"", std::move(json), ""};
}

constexpr std::string_view kAgents = R"({
  "name": "agents",
  "table": "reports.agents",
  "aggregate_type": "agent",
  "columns": {"agent_id": "text", "name": "text", "state": "text", "owner": "uuid",
              "tasks": "bigint", "first_seen": "timestamptz", "day": "date"},
  "key": {"agent_id": "/aggregate_id"},
  "on": [
    {"event_type": "agent.*",
     "set": {"state": {"value": "\u0069dle"}, "owner": {"value": null},
             "name": {"from": "/payload/name"}},
     "increment": {"tasks": 1},
     "min": {"first_seen": {"from": "/recorded_at"},
             "day": {"from": "/occurred_at", "truncate": "month"}}},
    {"event_type": ["task.done", "task.failed"], "key": {"agent_id": "/payload/agent"}},
    {"event_type": "agent.deleted", "delete": true}
  ]})";

ReadModel agents() {
  return {.name = "agents",
          .table = "reports.agents",
          .aggregate_type = "agent",
          .columns = {{"agent_id", "text"},
                      {"name", "text"},
                      {"state", "text"},
                      {"owner", "uuid"},
                      {"tasks", "bigint"},
                      {"first_seen", "timestamptz"},
                      {"day", "date"}},
          .key = {{"agent_id", from("/aggregate_id")}},
          .rules = {{.event_types = {"agent.*"},
                     .changes = {{Kind::set, "name", from("/payload/name")},
                                 {Kind::set, "owner", constant("null")},
                                 {Kind::set, "state", constant("\"idle\"")},
                                 {Kind::increment, "tasks", constant("1")},
                                 {Kind::min, "day", from("/occurred_at", "month")},
                                 {Kind::min, "first_seen", from("/recorded_at")}}},
                    {.event_types = {"task.done", "task.failed"},
                     .key = {{"agent_id", from("/payload/agent")}}},
                    {.event_types = {"agent.deleted"}, .remove = true}}};
}

TEST(ReadProjection, TakesEveryMember) {
  const auto read = read_projection(kAgents);
  ASSERT_TRUE(read) << read.error().pointer << ' ' << read.error().detail;
  EXPECT_EQ(agents(), *read);
}

TEST(ReadProjection, IsWrittenInOneWayAndReadBackTheSame) {
  const std::string text = write_projection(agents());
  EXPECT_EQ(
      R"({"name":"agents","table":"reports.agents","aggregate_type":"agent",)"
      R"("columns":{"agent_id":"text","name":"text","state":"text","owner":"uuid",)"
      R"("tasks":"bigint","first_seen":"timestamptz","day":"date"},)"
      R"("key":{"agent_id":"/aggregate_id"},"on":[)"
      R"({"event_type":["agent.*"],)"
      R"("set":{"name":"/payload/name","owner":null,"state":{"value":"idle"}},)"
      R"("increment":{"tasks":1},)"
      R"("min":{"day":{"from":"/occurred_at","truncate":"month"},"first_seen":"/recorded_at"}},)"
      R"({"event_type":["task.done","task.failed"],"key":{"agent_id":"/payload/agent"}},)"
      R"({"event_type":["agent.deleted"],"delete":true}]})",
      text);
  const auto again = read_projection(text);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(agents(), *again);
}

// A small declaration; `with` puts another text in the place of a part.
std::string with(std::string_view part, std::string_view other) {
  std::string text =
      R"({"name":"m","table":"t","columns":{"k":"text","n":"bigint","s":"text","b":"boolean",)"
      R"("i":"integer","d":"double precision","x":"numeric","j":"jsonb","u":"uuid",)"
      R"("at":"timestamptz"},"key":{"k":"/aggregate_id"},)"
      R"("on":[{"event_type":"e","set":{"s":"/payload/s"}}]})";
  return text.replace(text.find(part), part.size(), other);
}
std::string with_rule(std::string_view members) {
  return with(R"("set":{"s":"/payload/s"})", members);
}

std::string refusal_of(const std::string& text, std::string_view name = {}) {
  const auto read = read_projection(text, name);
  if (read) return "accepted";
  EXPECT_FALSE(read.error().detail.empty());
  return std::string(daybook::name(read.error().code)) + ' ' + read.error().pointer;
}

struct Wrong {
  std::string_view part;
  std::string other;
  std::string refusal;
};

TEST(ReadProjection, RefusesWhatIsWrongWithTheWhole) {
  const std::string long_name(64, 'a');
  const Wrong kWrong[] = {
      {R"("name":"m",)", "", "missing_member /name"},
      {R"("m")", R"("postgres")", "bad_value /name"},
      {R"("m")", R"("redis")", "bad_value /name"},
      {R"("m")", R"("a#build")", "bad_value /name"},
      {R"("m")", R"("a b")", "bad_value /name"},
      {R"("m")", '"' + long_name + '"', "bad_value /name"},
      {R"("table":"t",)", "", "missing_member /table"},
      {R"("t")", "7", "bad_value /table"},
      {R"("t")", R"("")", "bad_value /table"},
      {R"("t")", R"("a.b.c")", "bad_value /table"},
      {R"("t")", R"("a.")", "bad_value /table"},
      {R"("t")", R"(".a")", "bad_value /table"},
      {R"("t")", R"("daybook.events")", "bad_value /table"},
      {R"("t")", '"' + std::string(51, 'a') + '"', "bad_value /table"},
      {R"("t")", '"' + long_name + ".a\"", "bad_value /table"},
      {R"("t")", R"("a\u0000b")", "bad_value /table"},
      {R"("k":"text",)", R"("k":"varchar",)", "bad_value /columns/k"},
      {R"("k":"text",)", R"("k":7,)", "bad_value /columns/k"},
      {R"("k":"text",)", R"("k":"text","k":"uuid",)", "duplicate_member /columns/k"},
      {R"("n":"bigint")", R"("xmin":"bigint")", "bad_value /columns/xmin"},
      {R"("n":"bigint")", R"("":"bigint")", "bad_value /columns/"},
      {R"("n":"bigint")", '"' + long_name + R"(":"bigint")", "bad_value /columns/" + long_name},
      {R"({"k":"/aggregate_id"})", "{}", "bad_value /key"},
      {R"({"k":"/aggregate_id"})", "[]", "bad_value /key"},
      {R"({"k":"/aggregate_id"})", R"({"q":"/id"})", "bad_value /key/q"},
      {R"({"k":"/aggregate_id"})", R"({"k":"/id","k":"/id"})", "duplicate_member /key/k"},
      {R"({"k":"/aggregate_id"})", R"({"k":null})", "bad_value /key/k"},
      {R"({"k":"/aggregate_id"})", R"({"k":{}})", "bad_value /key/k"},
      {R"("on":[{)", R"("in":7,"on":[{)", "unknown_member /in"},
      {R"([{"event_type":"e","set":{"s":"/payload/s"}}])", "[]", "bad_value /on"},
      {R"([{"event_type":"e","set":{"s":"/payload/s"}}])", "{}", "bad_value /on"},
      {R"("event_type":"e",)", "", "missing_member /on/0/event_type"},
      {R"("event_type":"e")", R"("event_type":[])", "bad_value /on/0/event_type"},
      {R"("event_type":"e")", R"("event_type":["e",7])", "bad_value /on/0/event_type/1"},
  };
  for (const Wrong& wrong : kWrong)
    EXPECT_EQ(wrong.refusal, refusal_of(with(wrong.part, wrong.other))) << wrong.other;
  EXPECT_EQ("bad_json ", refusal_of("{"));
  EXPECT_EQ("bad_value ", refusal_of("[]"));
}

TEST(ReadProjection, RefusesWhatIsWrongWithARule) {
  const std::pair<std::string_view, std::string_view> kWrong[] = {
      {R"("set":{"q":"/id"})", "set/q"},
      {R"("set":{"k":"/id"})", "set/k"},
      {R"("set":{"s":"/id"},"max":{"s":"/id"})", "set/s"},
      {R"("set":{"s":"/id","s":"/id"})", "set/s"},
      {R"("set":{"s":"payload"})", "set/s"},
      {R"("set":{"s":""})", "set/s"},
      {R"("set":{"s":"/payload/~2"})", "set/s"},
      {R"("set":{"s":"/name"})", "set/s"},
      {R"("set":{"s":[]})", "set/s"},
      {R"("set":{"s":{"from":"/id","value":"x"}})", "set/s"},
      {R"("set":{"s":{"from":"name"}})", "set/s/from"},
      {R"("set":{"s":{"value":{}}})", "set/s/value"},
      {R"("set":{"s":{"value":"\u0000"}})", "set/s/value"},
      {R"("set":{"s":{"value":"\ud800"}})", "set/s/value"},
      {R"("set":{"s":5})", "set/s"},
      {R"("set":{"s":true})", "set/s"},
      {R"("set":{"n":5.5})", "set/n"},
      {R"("set":{"n":9223372036854775808})", "set/n"},
      {R"("set":{"n":{"value":"5"}})", "set/n"},
      {R"("set":{"i":2147483648})", "set/i"},
      {R"("set":{"d":1e400})", "set/d"},
      {R"("set":{"x":{"value":"1"}})", "set/x"},
      {R"("set":{"b":1})", "set/b"},
      {R"("set":{"u":{"value":"x"}})", "set/u"},
      {R"("set":{"at":{"value":"now"}})", "set/at"},
      {R"("set":{"s":{"from":"/recorded_at","truncate":"hour"}})", "set/s"},
      {R"("set":{"at":{"from":"/recorded_at","truncate":"second"}})", "set/at/truncate"},
      {R"("increment":{"s":1})", "increment/s"},
      {R"("increment":{"at":"/recorded_at"})", "increment/at"},
      {R"("increment":{"n":null})", "increment/n"},
      {R"("max":{"n":{}})", "max/n"},
      {R"("key":{"s":"/id"})", "key"},
      {R"("key":{"k":"/id","s":"/id"})", "key"},
      {R"("key":{"q":"/id"})", "key/q"},
      {R"("delete":true,"set":{"s":"/id"})", "delete"},
      {R"("delete":false)", "delete"},
  };
  for (const auto& [members, place] : kWrong)
    EXPECT_EQ("bad_value /on/0/" + std::string(place), refusal_of(with_rule(members))) << members;
  EXPECT_EQ("missing_member /on/0/set/at/from",
            refusal_of(with_rule(R"("set":{"at":{"truncate":"hour"}})")));
  EXPECT_EQ("unknown_member /on/0/set/s/form",
            refusal_of(with_rule(R"("set":{"s":{"form":"/id"}})")));
  EXPECT_EQ("unknown_member /on/0/sum", refusal_of(with_rule(R"("sum":{"n":1})")));
}

TEST(ReadProjection, TakesConstantsThatTheColumnCanHold) {
  for (const std::string_view members :
       {R"("set":{"n":-9223372036854775808,"i":-1,"d":1.5e300,"x":0.1,"b":false,"j":1.5})",
        R"("set":{"j":{"value":"x"},"s":{"value":""},"u":null,"at":{}})",
        R"("increment":{"n":1,"i":-1,"d":0.5,"x":"/payload/x"},"max":{"at":"/recorded_at"})"})
    EXPECT_EQ("accepted", refusal_of(with_rule(members))) << members;
}

TEST(ReadProjection, HasBounds) {
  std::string columns;
  for (int i = 0; i < 250; ++i) columns += R"(,"c)" + std::to_string(i) + R"(":"text")";
  EXPECT_EQ("limit_exceeded /columns",
            refusal_of(with(R"(,"n":"bigint")", columns + R"(,"n":"bigint")")));
  std::string rules;
  for (int i = 0; i < 100; ++i) rules += R"({"event_type":"x"},)";
  EXPECT_EQ("limit_exceeded /on", refusal_of(with(R"("on":[)", R"("on":[)" + rules)));
}

TEST(ReadProjection, MayBeNamedElsewhere) {
  EXPECT_EQ("m", read_projection(with(R"("name":"m",)", ""), "m")->name);
  EXPECT_EQ("m", read_projection(with("", ""), "m")->name);
  EXPECT_EQ("bad_value /name", refusal_of(with("", ""), "other"));
  EXPECT_EQ("bad_value /name", refusal_of(with(R"("name":"m",)", ""), "redis"));
}

}  // namespace
}  // namespace daybook::json
