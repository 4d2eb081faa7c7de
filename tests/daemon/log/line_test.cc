// How log lines look.
#include "daemon/log/line.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace daybook::log {
namespace {

constexpr Timestamp kTime{1'769'248'800'123'456};  // 2026-01-24T10:00:00.123456Z

std::string line(Format format, std::vector<Field> fields, std::string_view event = "group_reset") {
  return format_line(format, Level::info, kTime, event, fields);
}

TEST(Line, TextReadsAsNamesAndValues) {
  EXPECT_EQ("2026-01-24T10:00:00.123456Z info    group_reset group=billing from=5 done=true",
            line(Format::text, {{"group", "billing"}, {"from", 5}, {"done", true}}));
}

TEST(Line, JsonIsOneObject) {
  EXPECT_EQ(
      R"({"time":"2026-01-24T10:00:00.123456Z","level":"info","event":"group_reset",)"
      R"("group":"billing","from":5,"ratio":0.5,"done":false})",
      line(Format::json,
           {{"group", std::string("billing")}, {"from", 5u}, {"ratio", 0.5}, {"done", false}}));
}

TEST(Line, TextQuotesWhatIsNotOneWord) {
  const std::string text =
      line(Format::text, {{"a", ""}, {"b", "two words"}, {"c", "x=y"}, {"d", "\""}});
  EXPECT_TRUE(text.ends_with(R"( a="" b="two words" c="x=y" d="\"")")) << text;
}

TEST(Line, NeverBreaksTheLine) {
  for (const Format format : {Format::text, Format::json}) {
    const std::string text = line(format, {{"v", std::string_view("a\nb\r\0\x1b[2Jc", 10)}});
    EXPECT_EQ(std::string::npos, text.find_first_of(std::string_view("\n\r\0\x1b", 4))) << text;
  }
}

TEST(Line, BytesThatAreNotUtf8AreReplaced) {
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80"}) {
    const std::string text = line(Format::json, {{"v", bad}});
    EXPECT_NE(std::string::npos, text.find("\xEF\xBF\xBD")) << text;
    EXPECT_EQ(std::string::npos, text.find(bad)) << text;
  }
}

TEST(Line, Utf8IsKept) {
  const std::string text = line(Format::json, {{"v", "grün €𝄞"}});
  EXPECT_NE(std::string::npos, text.find("grün €𝄞")) << text;
}

TEST(Line, WholeRangesOfNumbersAreKept) {
  const std::string text = line(Format::json, {{"u", std::numeric_limits<std::uint64_t>::max()},
                                               {"i", std::numeric_limits<std::int64_t>::min()},
                                               {"n", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_TRUE(text.ends_with(R"("u":18446744073709551615,"i":-9223372036854775808,"n":null})"))
      << text;
}

}  // namespace
}  // namespace daybook::log
