#include "storage/recent_requests.h"

#include <gtest/gtest.h>

namespace daybook {
namespace {

RememberedRequest at(std::uint64_t first) {
  return {.body = {}, .first = Offset{first}, .count = 1};
}

TEST(RecentRequestsTest, AKeyBelongsToItsPrincipal) {
  RecentRequests recent;
  recent.remember("ann", "k", at(7));
  ASSERT_TRUE(recent.find("ann", "k"));
  EXPECT_EQ(Offset{7}, recent.find("ann", "k")->first);
  EXPECT_FALSE(recent.find("bob", "k"));
  EXPECT_FALSE(recent.find("ann", "l"));
}

TEST(RecentRequestsTest, WhatLiesBelowIsForgottenAndTheRestStays) {
  RecentRequests recent;
  for (std::uint64_t i = 1; i <= 100; ++i) recent.remember("", std::to_string(i), at(i));
  recent.forget_below(Offset{91});
  EXPECT_EQ(10u, recent.size());
  EXPECT_FALSE(recent.find("", "90"));
  EXPECT_TRUE(recent.find("", "91"));
  recent.remember("", "90", at(101));
  EXPECT_EQ(Offset{101}, recent.find("", "90")->first);
}

}  // namespace
}  // namespace daybook
