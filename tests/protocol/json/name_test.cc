// What may be a name.
#include "protocol/json/name.h"

#include <gtest/gtest.h>

#include <string>

namespace daybook::json {
namespace {

TEST(Name, HasOneTo255Bytes) {
  EXPECT_FALSE(is_name(""));
  EXPECT_TRUE(is_name("a"));
  EXPECT_TRUE(is_name(std::string(255, 'a')));
  EXPECT_FALSE(is_name(std::string(256, 'a')));
}

TEST(Name, IsUtf8WithoutControlCharacters) {
  EXPECT_TRUE(is_name("größe €😀 /%~*"));
  EXPECT_TRUE(is_name("\xC2\xA0"));  // U+00A0 is no control character
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("\n"), std::string("\x7F"), std::string("\xC2\x85"),
        std::string("\xFF"), std::string("\xED\xA0\x80")})
    EXPECT_FALSE(is_name(bad));
}

TEST(Name, Utf8IsCheckedToTheLastByte) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\né"));
  EXPECT_FALSE(is_utf8("abc\xC3"));
}

}  // namespace
}  // namespace daybook::json
