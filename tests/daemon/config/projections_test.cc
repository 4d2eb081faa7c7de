// Declared read models in the configuration: read, refused at their line, shown again.
#include "daemon/config/projections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json/write_projection.h"

namespace daybook::config {
namespace {

using testing::HasSubstr;

constexpr std::string_view kDatabase = "[postgres]\nurl = \"postgresql:///events\"\n\n";

constexpr std::string_view kAgents = R"([[projection]]
name = "agents"
table = "reports.agents"
aggregate_type = "agent"
columns = { agent_id = "text", name = "text", "of \"it" = "jsonb", tasks = "bigint",)"
                                     R"( cost = "numeric", last = "timestamptz" }
key = { agent_id = "/aggregate_id" }

[[projection.on]]
event_type = ["agent.*"]
set = { name = "/payload/name", "of \"it" = {} }
increment = { cost = -0.5, tasks = 1 }
max = { last = { from = "/recorded_at", truncate = "hour" } }

[[projection.on]]
event_type = ["task.done", "task.failed"]
key = { agent_id = "/payload/agent" }
set = { name = { value = "it's \"\\\u0001" } }

[[projection.on]]
event_type = ["agent.deleted"]
delete = true
)";

std::string with_database(std::string_view text) {
  return std::string(kDatabase) + std::string(text);
}
std::string refusal_of(const std::string& text) {
  const auto loaded = load_text(text, "daybook.toml");
  return loaded ? "(accepted)" : loaded.error().detail;
}
std::string replaced(std::string_view text, std::string_view part, std::string_view other) {
  std::string out = with_database(text);
  return out.replace(out.find(part), part.size(), other);
}

TEST(Projections, AreReadInTheOrderOfTheFile) {
  const auto config = load_text(with_database(kAgents), "f");
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(1u, config->projections.size());
  EXPECT_EQ(R"({"name":"agents","table":"reports.agents","aggregate_type":"agent",)"
            R"("columns":{"agent_id":"text","name":"text","of \"it":"jsonb","tasks":"bigint",)"
            R"("cost":"numeric","last":"timestamptz"},"key":{"agent_id":"/aggregate_id"},"on":[)"
            R"({"event_type":["agent.*"],"set":{"name":"/payload/name","of \"it":null},)"
            R"("increment":{"cost":-0.5,"tasks":1},)"
            R"("max":{"last":{"from":"/recorded_at","truncate":"hour"}}},)"
            R"({"event_type":["task.done","task.failed"],"key":{"agent_id":"/payload/agent"},)"
            R"("set":{"name":{"value":"it's \"\\\u0001"}}},)"
            R"({"event_type":["agent.deleted"],"delete":true}]})",
            json::write_projection(config->projections.front()));
}

TEST(Projections, AreShownAsTheyAreWritten) {
  const auto config = load_text(with_database(kAgents), "f");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(kAgents, show(config->projections.front()));
  const std::string shown = to_toml(*config);
  EXPECT_THAT(shown, HasSubstr("\n\n" + std::string(kAgents)));
  const auto again = load_text(shown, "again");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(config->projections, again->projections);
}

TEST(Projections, MayHaveTheirColumnsInATableOfTheirOwn) {
  const auto config = load_text(with_database("[[projection]]\nname = 'm'\ntable = 't'\n"
                                              "key.z = '/id'\n"
                                              "[projection.columns]\nz = 'text'\na = 'bigint'\n"
                                              "[[projection.on]]\nevent_type = '*'\n"),
                                "f");
  ASSERT_TRUE(config) << config.error().detail;
  const ReadModel& model = config->projections.front();
  EXPECT_EQ("z", model.columns[0].name);
  EXPECT_EQ("a", model.columns[1].name);
}

TEST(Projections, AreRefusedAtTheirLine) {
  EXPECT_EQ(
      "daybook.toml:13: projection: /on/0/set/nmae: the column \"nmae\" is not among \"columns\"",
      refusal_of(replaced(kAgents, "set = { name", "set = { nmae")));
  EXPECT_THAT(refusal_of(replaced(kAgents, "delete = true", "delet = true")),
              HasSubstr("daybook.toml:24: projection: /on/2/delet: "));
  EXPECT_THAT(refusal_of(replaced(kAgents, "table = \"reports.agents\"\n", "")),
              HasSubstr("daybook.toml:4: projection: /table: "));
  EXPECT_THAT(refusal_of(replaced(kAgents, "\"/aggregate_id\"", "2026-01-24")),
              HasSubstr("daybook.toml:9: projection: /key/agent_id: "));
  EXPECT_THAT(refusal_of(replaced(kAgents, "tasks = 1", "tasks = inf")),
              HasSubstr("daybook.toml:14: projection: /on/0/increment/tasks: "));
  EXPECT_EQ("daybook.toml:4: a projection is declared by [[projection]]",
            refusal_of(with_database("[projection]\nname = 'm'\n")));
}

TEST(Projections, AreRefusedTogether) {
  EXPECT_THAT(refusal_of(std::string(kAgents)), HasSubstr("postgres.url is empty"));
  const std::string twice = with_database(kAgents) + '\n' + std::string(kAgents);
  EXPECT_EQ("two projections have the name \"agents\"", refusal_of(twice));
  const auto renamed = [](std::string table) {
    std::string second(kAgents);
    second.replace(second.find("\"agents\""), 8, "\"others\"");
    return second.replace(second.find("reports.agents"), 14, table);
  };
  EXPECT_EQ("two projections have the table \"reports.agents\"",
            refusal_of(with_database(kAgents) + '\n' + renamed("reports.agents")));
  EXPECT_EQ("(accepted)", refusal_of(with_database(kAgents) + '\n' + renamed("agents")));
  EXPECT_EQ(
      "two projections have the table \"public.x\"",
      refusal_of(with_database(replaced(kAgents, "reports.agents", "x").substr(kDatabase.size())) +
                 '\n' + renamed("public.x")));
}

TEST(Projections, WaitForARestart) {
  const auto running = load_text(std::string(kDatabase), "f");
  const auto fresh = load_text(with_database(kAgents), "f");
  ASSERT_TRUE(running && fresh);
  const Reload reloaded = reload(*running, *fresh);
  EXPECT_THAT(reloaded.needs_restart, testing::ElementsAre("projection"));
  EXPECT_TRUE(reloaded.config.projections.empty());
  EXPECT_THAT(reload(*fresh, *fresh).needs_restart, testing::IsEmpty());
}

}  // namespace
}  // namespace daybook::config
