// Bodies of the group routes.
#include "protocol/json/read_group.h"

#include <gtest/gtest.h>

namespace daybook::json {
namespace {

template <class T>
std::string refusal(const Result<T>& read) {
  if (read) return "accepted";
  return std::string(name(read.error().code)) + " " + read.error().pointer;
}

std::string settings_refusal(const std::string& body) {
  return refusal(read_group_settings(body, Limits{}));
}

GroupStart start_of(const std::string& start) {
  return read_group_settings("{\"start\":" + start + "}", Limits{})->start;
}

TEST(ReadGroup, IsALogFromTheBeginningByDefault) {
  EXPECT_EQ(GroupSettings{}, *read_group_settings("{}", Limits{}));
  EXPECT_EQ(GroupSettings{}, *read_group_settings(R"({"mode":"log","order":null})", Limits{}));
}

TEST(ReadGroup, TakesStartFilterAndTimeout) {
  const auto settings =
      read_group_settings(R"({"filter":{"tags":["t"]},"member_timeout_ms":1000})", Limits{});
  EXPECT_EQ((std::vector<std::string>{"t"}), settings->filter.tags);
  EXPECT_EQ(1000U, settings->member_timeout_ms);
  EXPECT_EQ(GroupStart(FromBeginning{}), start_of("\"beginning\""));
  EXPECT_EQ(GroupStart(FromHead{}), start_of("\"head\""));
  EXPECT_EQ(GroupStart(Offset{7}), start_of(R"({"after":7})"));
  EXPECT_EQ(GroupStart(Timestamp{1'000'000}), start_of(R"({"time":"1970-01-01T00:00:01Z"})"));
}

TEST(ReadGroup, RefusesWhatIsWrong) {
  EXPECT_EQ("bad_value /mode", settings_refusal(R"({"mode":"stack"})"));
  EXPECT_EQ("bad_value /member_timeout_ms", settings_refusal(R"({"member_timeout_ms":999})"));
  EXPECT_EQ("bad_value /start", settings_refusal(R"({"start":"end"})"));
  EXPECT_EQ("bad_value /start", settings_refusal(R"({"start":5})"));
  EXPECT_EQ("bad_value /start",
            settings_refusal(R"({"start":{"after":1,"time":"1970-01-01T00:00:00Z"}})"));
  EXPECT_EQ("missing_member /start/after", settings_refusal(R"({"start":{}})"));
  EXPECT_EQ("unknown_member /filter/x", settings_refusal(R"({"filter":{"x":1}})"));
  EXPECT_EQ("unknown_member /strat", settings_refusal(R"({"strat":"head"})"));
}

TEST(ReadFetch, HasDefaultsAndBounds) {
  const auto fetch = read_fetch(R"({"member":"m"})", Limits{});
  EXPECT_EQ("m", fetch->member);
  EXPECT_EQ(100U, fetch->max);
  EXPECT_EQ(std::chrono::milliseconds(1000), fetch->wait);
  EXPECT_FALSE(fetch->after);
  const auto full = read_fetch(R"({"member":"m","max":1,"wait_ms":0,"after":0})", Limits{});
  EXPECT_EQ(1U, full->max);
  EXPECT_EQ(std::chrono::milliseconds(0), full->wait);
  EXPECT_EQ(Offset{0}, full->after);
  EXPECT_EQ("missing_member /member", refusal(read_fetch("{}", Limits{})));
  EXPECT_EQ("bad_value /max", refusal(read_fetch(R"({"member":"m","max":0})", Limits{})));
  EXPECT_EQ("bad_value /wait_ms",
            refusal(read_fetch(R"({"member":"m","wait_ms":60001})", Limits{})));
}

TEST(ReadCommit, NeedsAnOffset) {
  const auto commit = read_commit(R"({"offset":41,"generation":3})", Limits{});
  EXPECT_EQ(Offset{41}, commit->offset);
  EXPECT_EQ(3U, commit->generation);
  EXPECT_FALSE(read_commit(R"({"offset":0})", Limits{})->generation);
  EXPECT_EQ("missing_member /offset", refusal(read_commit(R"({"generation":3})", Limits{})));
  EXPECT_EQ("bad_value /offset", refusal(read_commit(R"({"offset":1.0})", Limits{})));
}

TEST(ReadReset, NeedsAPlace) {
  EXPECT_EQ(GroupStart(Offset{3}), *read_reset(R"({"to":{"after":3}})", Limits{}));
  EXPECT_EQ("missing_member /to", refusal(read_reset("{}", Limits{})));
  EXPECT_EQ("bad_value /to/time", refusal(read_reset(R"({"to":{"time":"x"}})", Limits{})));
}

TEST(ReadMember, NeedsAName) {
  EXPECT_EQ("m", *read_member(R"({"member":"m"})", Limits{}));
  EXPECT_EQ("bad_value /member", refusal(read_member(R"({"member":""})", Limits{})));
  EXPECT_EQ("missing_member /member", refusal(read_member("{}", Limits{})));
}

}  // namespace
}  // namespace daybook::json
