#include "protocol/http/errors.h"

#include <gmock/gmock.h>

namespace daybook::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Errors, EveryCodeHasAStatusOfItsKind) {
  for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
    const auto code = static_cast<Errc>(i);
    const unsigned status = status_of(code);
    EXPECT_GE(status, 400U) << name(code);
    const bool ours = code >= Errc::overloaded || code == Errc::not_yet;
    EXPECT_EQ(ours, status >= 500) << name(code);
  }
}

TEST(Errors, StatusesAreThoseOfTheApi) {
  EXPECT_EQ(409U, status_of(Errc::sequence_conflict));
  EXPECT_EQ(410U, status_of(Errc::trimmed));
  EXPECT_EQ(412U, status_of(Errc::precondition_failed));
  EXPECT_EQ(413U, status_of(Errc::body_too_large));
  EXPECT_EQ(422U, status_of(Errc::beyond_head));
  EXPECT_EQ(428U, status_of(Errc::precondition_required));
  EXPECT_EQ(504U, status_of(Errc::not_yet));
  EXPECT_EQ(507U, status_of(Errc::disk_full));
}

TEST(Errors, ProblemsAreRfc9457) {
  const Response response = problem({Errc::bad_value, "it must be a string", "/tags/0"});
  EXPECT_EQ(422U, response.status);
  EXPECT_EQ("application/problem+json", response.content_type);
  EXPECT_EQ(R"({"type":"urn:daybook:error:bad-value","title":"Bad value","status":422,)"
            R"("detail":"it must be a string","code":"bad_value","pointer":"/tags/0"})",
            response.body);
}

TEST(Errors, WhatPassesSaysWhenToTryAgain) {
  EXPECT_THAT(problem({Errc::overloaded, "the queue is full"}).headers,
              ElementsAre(Pair("Retry-After", "1")));
  EXPECT_TRUE(problem({Errc::disk_full, "no room"}).headers.empty());
}

}  // namespace
}  // namespace daybook::http
