// Keys sort as what they mean.
#include "storage/engine/keys.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "storage/index/term.h"

namespace daybook {
namespace {

using engine::Key;

std::string random_name(std::mt19937_64& random) {
  static constexpr std::string_view kBytes = "ab \x7e\xc3\xbf";
  std::string name;
  for (std::uint64_t left = random() % 4; left > 0; --left)
    name.push_back(kBytes[random() % kBytes.size()]);
  return name;
}

TEST(Keys, SortByNameThenNumber) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto a = std::tuple(random_name(random), random() >> (random() % 64));
    const auto b = std::tuple(random_name(random), random() >> (random() % 64));
    const Key left = Key().name(std::get<0>(a)).number(std::get<1>(a));
    const Key right = Key().name(std::get<0>(b)).number(std::get<1>(b));
    EXPECT_EQ(a < b, left.bytes() < right.bytes());
    EXPECT_EQ(a == b, left.bytes() == right.bytes());
    EXPECT_EQ(std::get<1>(a), engine::last_number(left));
  }
}

TEST(Keys, SortByTwoNames) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5000; ++i) {
    const auto a = std::tuple(random_name(random), random_name(random));
    const auto b = std::tuple(random_name(random), random_name(random));
    const Key left = Key().name(std::get<0>(a)).name(std::get<1>(a));
    const Key right = Key().name(std::get<0>(b)).name(std::get<1>(b));
    EXPECT_EQ(a < b, left.bytes() < right.bytes());
  }
}

TEST(Keys, BeginWithTheLog) {
  EXPECT_EQ(std::string(4, '\0') + "k", Key().kind('k').bytes());
  EXPECT_EQ(engine::kKeyPrefixBytes, Key().bytes().size());
}

TEST(Keys, AShortKeyHasNoNumber) {
  EXPECT_EQ(0u, engine::last_number("short"));
}

TEST(Terms, TwoNamesComeBack) {
  const std::string of_aggregate = aggregate_term("order", "7");
  EXPECT_EQ(std::pair(std::string_view("7"), std::string_view("order")), names_of(of_aggregate));
  const std::string listed = term(TermKind::listed, "order", "7");
  EXPECT_EQ(std::pair(std::string_view("order"), std::string_view("7")), names_of(listed));
}

TEST(Terms, AnIdIsAPrefixOfItsAggregatesAlone) {
  const std::string of_id = term(TermKind::aggregate, "1");
  EXPECT_TRUE(aggregate_term("order", "1").starts_with(of_id));
  EXPECT_FALSE(aggregate_term("order", "10").starts_with(of_id));
}

TEST(Terms, AnIdBelongsToItsSpace) {
  EXPECT_NE(id_term("a", "b"), id_term("", "ab"));
  EXPECT_NE(id_term("", "x"), id_term("x", ""));
}

}  // namespace
}  // namespace daybook
