// Files of events, cut anywhere.
#include "daemon/ctl/event_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace daybook::ctl {
namespace {

struct Outcome {
  std::vector<std::string> events;
  std::string error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome split(std::string_view text, std::size_t size = 1000) {
  EventSplitter splitter;
  Outcome out;
  Result<void> done;
  for (; done && !text.empty(); text.remove_prefix(std::min(size, text.size())))
    done = splitter.feed(text.substr(0, size),
                         [&](std::string_view event) { out.events.emplace_back(event); });
  if (done) done = splitter.finish();
  if (!done) out.error = done.error().detail;
  return out;
}

const Outcome kTwo{{R"({"a":"}\"{","b":[{}]})", R"({"c": 1.0})"}, ""};

TEST(EventSplitter, ReadsLinesArraysAndObjectsInARow) {
  EXPECT_EQ(kTwo, split(R"({"a":"}\"{","b":[{}]})"
                        "\n\n"
                        R"({"c": 1.0})"
                        "\r\n"));
  EXPECT_EQ(kTwo, split(R"( [ {"a":"}\"{","b":[{}]} , {"c": 1.0} ] )"));
  EXPECT_EQ(kTwo, split(R"({"a":"}\"{","b":[{}]}{"c": 1.0})"));
  EXPECT_EQ(Outcome{}, split(""));
  EXPECT_EQ(Outcome{}, split(" [ ] "));
}

TEST(EventSplitter, PiecesDoNotMatter) {
  for (std::size_t size = 1; size < 12; ++size)
    EXPECT_EQ(kTwo, split(R"([{"a":"}\"{","b":[{}]},{"c": 1.0}])", size)) << size;
}

TEST(EventSplitter, NamesTheLineOfWhatIsNoEvent) {
  EXPECT_EQ("line 2: an event is an object, and begins with {", split("{}\n17\n").error);
  EXPECT_EQ("line 1: an event is an object, and begins with {", split("{},{}").error);
  EXPECT_EQ("line 1: an event is an object, and begins with {", split("[{} {}]").error);
  EXPECT_EQ("line 1: an event is an object, and begins with {", split("[{},]").error);
  EXPECT_EQ("line 1: an event is an object, and begins with {", split("[,{}]").error);
  EXPECT_EQ("line 2: something stands behind the array", split("[{}]\n{}").error);
  EXPECT_EQ("line 2: the array has no end", split("[{}\n").error);
  EXPECT_EQ("line 3: the last event is cut off", split("{}\n{\n").error);
}

TEST(EventSplitter, WhatCameBeforeABadLineIsHandedOver) {
  EXPECT_EQ(1u, split("{}\nx").events.size());
}

}  // namespace
}  // namespace daybook::ctl
