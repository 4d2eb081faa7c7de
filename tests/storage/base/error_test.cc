#include "storage/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace daybook {
namespace {

TEST(Error, EveryCodeHasItsOwnNameInSnakeCase) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code) {
    const std::string_view text = name(static_cast<Errc>(code));
    EXPECT_TRUE(names.insert(text).second) << text;
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) {
      return c == '_' || (c >= 'a' && c <= 'z');
    })) << text;
  }
}

}  // namespace
}  // namespace daybook
