// The pieces that read arguments and JSON text.
#include <gtest/gtest.h>

#include <sstream>

#include "daemon/ctl/event_text.h"
#include "daemon/ctl/group_place.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

using Views = std::vector<std::string_view>;

TEST(RawJson, FindsMembersWithoutChangingThem) {
  const std::string_view object = R"( {"a":1.0, "b\"]":[{"}":1},2] ,"c":"x\"}","d":null} )";
  EXPECT_EQ("1.0", member(object, "a"));
  EXPECT_EQ(R"("x\"}")", member(object, "c"));
  EXPECT_EQ("null", member(object, "d"));
  EXPECT_EQ("", member(object, "e"));
  EXPECT_EQ(4u, members(object).size());
}

TEST(RawJson, FindsElements) {
  EXPECT_EQ((Views{R"({"a":[1]})", "2", R"("]")", "[]", "99999999999999999999"}),
            elements(R"([{"a":[1]}, 2 ,"]",[],99999999999999999999])"));
  EXPECT_TRUE(elements("[]").empty());
  EXPECT_TRUE(elements("{}").empty());
  EXPECT_TRUE(elements("").empty());
  EXPECT_TRUE(members("[").empty());
}

TEST(RawJson, OneValueCannotLeakOut) {
  for (const char* text : {"1", " {\"a\":1} ", "[1,2]", "\"x\"", "null", "-1.5e3"})
    EXPECT_TRUE(is_one_value(text)) << text;
  for (const char* text :
       {"", " ", "1,2", "{},\"x\":1", "{}}", "{", "[}", "\"a", "1 2", "{]}", ","})
    EXPECT_FALSE(is_one_value(text)) << text;
}

TEST(RawJson, StringsBecomeText) {
  EXPECT_EQ("a\"b\xC3\xBC", to_text(R"("a\"b\u00fc")"));
  EXPECT_EQ("\\ud800", to_text(R"("\ud800")"));
  EXPECT_EQ("", to_text("null"));
  EXPECT_EQ("12", to_text("12"));
  EXPECT_EQ("\"a\\nb\"", to_json("a\nb"));
}

TEST(EventText, HasWhatWasGiven) {
  EXPECT_EQ(R"({"event_type":"a.b","aggregate_type":"agent","aggregate_id":"a/1"})",
            to_event({.type = "a.b", .aggregate = "agent/a/1"}).value());
  EXPECT_EQ(R"({"event_type":"t","aggregate_type":"a","aggregate_id":"1","payload":{"n":1.0},)"
            R"("id":"x","schema_version":2,"expected_sequence":"none","tags":["k:v","\"q\""]})",
            to_event({.type = "t",
                      .aggregate = "a/1",
                      .payload = R"({"n":1.0})",
                      .id = "x",
                      .schema_version = "2",
                      .expected_sequence = "none",
                      .tags = {"k:v", "\"q\""}})
                .value());
}

TEST(EventText, WhatCannotBeAnEventIsRefused) {
  EXPECT_FALSE(to_event({.type = "t", .aggregate = "agent"}));
  EXPECT_FALSE(to_event({.type = "t", .aggregate = "/x"}));
  EXPECT_FALSE(to_event({.type = "t", .aggregate = "x/"}));
  EXPECT_FALSE(to_event({.type = "t", .aggregate = "a/1", .payload = "{},\"id\":1"}));
  EXPECT_FALSE(to_event({.type = "t", .aggregate = "a/1", .metadata = "{"}));
}

TEST(GroupPlace, IsAWordAnOffsetOrATime) {
  EXPECT_EQ("\"beginning\"", place_to_json("beginning"));
  EXPECT_EQ("\"head\"", place_to_json("head"));
  EXPECT_EQ("{\"after\":41}", place_to_json("41"));
  EXPECT_EQ("{\"time\":\"2026-01-24T10:00:00Z\"}", place_to_json("2026-01-24T10:00:00Z"));
}

TEST(Table, ColumnsAlignAndOnlyWiden) {
  Table table({"A", "B"}, 0);
  std::ostringstream out;
  table.add({"1", "x"});
  table.print(out);
  table.add({"222", "grün"});
  table.print(out);
  table.add({"3", ""});
  table.print(out);
  EXPECT_EQ("A  B\n1  x\n222  grün\n3    \n", out.str());
}

TEST(Table, TheLastColumnIsCutToTheTerminal) {
  Table table({"A", "PAYLOAD"}, 14);
  std::ostringstream out;
  table.add({"1", "0123456789abcdef"});
  table.print(out);
  EXPECT_EQ("A  PAYLOAD\n1  0123456789…\n", out.str());
}

TEST(Table, NothingSteersTheTerminal) {
  EXPECT_EQ("a\xEF\xBF\xBD[2J\xEF\xBF\xBDz", printable("a\x1b[2J\xC2\x9Bz"));
  EXPECT_EQ("grün €", printable("grün €"));
}

TEST(Progress, KnowsHowFarWhereTheTotalIsKnown) {
  EXPECT_EQ("7 events", render({.done = 5, .total = 0, .items = 7}, 80));
  EXPECT_EQ("[####################                    ]  50%  7 events",
            render({.done = 5, .total = 10, .items = 7}, 80));
  EXPECT_TRUE(render({.done = 20, .total = 10, .items = 7}, 80).find("] 100%") !=
              std::string::npos);
}

TEST(Progress, IsDrawnOnlyWhereSomebodyWatches) {
  std::ostringstream out;
  { ProgressBar(out, false, 80).show({.done = 1, .total = 2, .items = 3}); }
  EXPECT_EQ("", out.str());
  { ProgressBar(out, true, 80).show({.done = 1, .total = 2, .items = 3}); }
  EXPECT_TRUE(out.str().ends_with("3 events\r\x1b[K"));
}

}  // namespace
}  // namespace daybook::ctl
