// The smallest pieces of JSON text.
#include "protocol/json/escape.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST(Escape, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(R"("")", written(""));
  EXPECT_EQ(R"("a/b é€😀")", written("a/b é€😀"));
  EXPECT_EQ(R"("\"\\\b\f\n\r\t\u0001\u001f")", written("\"\\\b\f\n\r\t\x01\x1F"));
  EXPECT_EQ("\"\\u0000\x7F\"", written(std::string_view("\0\x7F", 2)));
}

TEST(Escape, WritesJsonEvenOfBrokenUtf8) {
  EXPECT_EQ("\"a\xEF\xBF\xBDz\"", written("a\xFFz"));
  EXPECT_EQ("\"\xEF\xBF\xBD\"", written("\xC3"));
}

TEST(Escape, WritesNumbersTimesAndNull) {
  std::string out;
  append_unsigned(out, ~std::uint64_t{0});
  append_string_or_null(out, "");
  append_string_or_null(out, "x");
  append_time(out, Timestamp{1'769'248'800'123'456});
  EXPECT_EQ(R"(18446744073709551615null"x""2026-01-24T10:00:00.123456Z")", out);
}

}  // namespace
}  // namespace daybook::json
