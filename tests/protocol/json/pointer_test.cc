// Places in JSON text.
#include "protocol/json/pointer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string at(std::string_view text, std::string_view pointer) {
  return std::string(find(text, parse_pointer(pointer).value()));
}

TEST(Pointer, IsReadAsRfc6901Says) {
  EXPECT_THAT(*parse_pointer(""), IsEmpty());
  EXPECT_THAT(*parse_pointer("/"), ElementsAre(""));
  EXPECT_THAT(*parse_pointer("/a~1b/m~0n/~01//0"), ElementsAre("a/b", "m~n", "~1", "", "0"));
  for (const std::string_view wrong : {"a", "a/b", "/a~", "/a~2", "/~/b"})
    EXPECT_FALSE(parse_pointer(wrong)) << wrong;
}

TEST(Pointer, FindsTheTextOfAValue) {
  constexpr std::string_view kText =
      R"({"a":{"b":[1.50,{"c":"x\"y"},null]},"":7,"d/e":true,"\u0066":[],"g~":{}})";
  EXPECT_EQ(kText, at(kText, ""));
  EXPECT_EQ("1.50", at(kText, "/a/b/0"));
  EXPECT_EQ(R"("x\"y")", at(kText, "/a/b/1/c"));
  EXPECT_EQ("null", at(kText, "/a/b/2"));
  EXPECT_EQ("7", at(kText, "/"));
  EXPECT_EQ("true", at(kText, "/d~1e"));
  EXPECT_EQ("[]", at(kText, "/f"));
  EXPECT_EQ("{}", at(kText, "/g~0"));
}

TEST(Pointer, FindsNothingWhereThereIsNothing) {
  constexpr std::string_view kText = R"({"a":[10,11],"b":{},"c":1,"d":[]})";
  for (const std::string_view missing :
       {"/x", "/a/2", "/a/01", "/a/-1", "/a/-", "/a/+1", "/a/", "/a/1x", "/a/1/0", "/b/x", "/c/0",
        "/d/0", "/a/99999999999999999999999"})
    EXPECT_EQ("", at(kText, missing)) << missing;
}

TEST(Pointer, TheLastOfARepeatedMemberCounts) {
  EXPECT_EQ("2", at(R"({"a":1,"b":0,"a":2})", "/a"));
  EXPECT_EQ("3", at(R"({"a":{"x":1},"a":{"y":3}})", "/a/y"));
  EXPECT_EQ("", at(R"({"a":{"x":1},"a":{"y":3}})", "/a/x"));
}

}  // namespace
}  // namespace daybook::json
