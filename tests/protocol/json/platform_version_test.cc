// The Platform's `version`, as its validator takes it.
#include "protocol/json/platform_version.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

std::string read(std::string_view input) {
  const auto version =
      read_platform_version({{std::string("body"), std::string("version")}, input});
  if (const auto* number = std::get_if<std::int32_t>(&version)) return std::to_string(*number);
  return std::get<PlatformIssue>(version).type;
}

TEST(PlatformVersion, TakesWhatStandsForAnInteger) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"7", "7"},
      {"-3", "-3"},
      {"0", "0"},
      {"-0", "0"},
      {"2.0", "2"},
      {"-0.0", "0"},
      {"1e3", "1000"},
      {"1e-400", "0"},
      {"true", "1"},
      {"false", "0"},
      {R"("7")", "7"},
      {R"(" 7 ")", "7"},
      {R"("\n7\n")", "7"},
      {R"("+7")", "7"},
      {R"("-7")", "-7"},
      {R"("7.00")", "7"},
      {R"("-1.0")", "-1"},
      {R"("+00.00")", "0"},
      {R"("1_000")", "1000"},
      {R"("1_000.0")", "1000"},
      {R"("007")", "7"},
      {R"("0__1")", "1"},
      {R"("-0_1")", "-1"},
      {R"("0_0")", "0"},
      {R"("-0")", "0"},
      {"2147483647", "2147483647"},
      {"-2147483648", "-2147483648"},
      {R"("0000000000002147483647")", "2147483647"}};
  for (const auto& [input, number] : cases) EXPECT_EQ(number, read(input)) << input;
}

TEST(PlatformVersion, NamesWhatIsWrongAsThePlatformDoes) {
  for (const std::string_view input :
       {R"("1x")",  R"("")",     R"("  ")",  R"("7.5")", R"("7.")",   R"(".0")",    R"("_1")",
        R"("1_")",  R"("1__0")", R"("0_")",  R"("-_1")", R"("1_.0")", R"("7.0_0")", R"("0x10")",
        R"("1e3")", R"("+-1")",  R"("+ 1")", R"("+")",   R"("true")", R"("1,000")"})
    EXPECT_EQ("int_parsing", read(input)) << input;
  EXPECT_EQ("int_from_float", read("2.5"));
  EXPECT_EQ("finite_number", read("1e400"));
  EXPECT_EQ("int_parsing_size", read("1e300"));
  EXPECT_EQ("int_parsing_size", read("-9.3e18"));
  for (const std::string_view input : {"null", "[]", "{}"}) EXPECT_EQ("int_type", read(input));
}

TEST(PlatformVersion, RefusesWhatThePlatformsColumnCannotHold) {
  for (const std::string_view input :
       {"2147483648", "9.2e18", "1000000000000000000000000000000", R"("99999999999999999999")"})
    EXPECT_EQ("less_than_equal", read(input)) << input;
  EXPECT_EQ("greater_than_equal", read("-2147483649"));
}

TEST(PlatformVersion, ShowsAnIntegerForEveryEvent) {
  EXPECT_EQ("7", shown_version("7"));
  EXPECT_EQ("-3", shown_version("-3"));
  EXPECT_EQ("2", shown_version(R"("2.0")"));
  EXPECT_EQ("2", shown_version(R"("02")"));
  EXPECT_EQ("1", shown_version(R"("v2")"));
  EXPECT_EQ("1", shown_version(R"("0")"));
  EXPECT_EQ("1", shown_version(R"("99999999999")"));
}

}  // namespace
}  // namespace daybook::json
