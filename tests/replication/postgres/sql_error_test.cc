#include "replication/postgres/sql_error.h"

#include <gmock/gmock.h>

namespace daybook::postgres {
namespace {

TEST(SqlErrorTest, BlamesRowsForWhatTheyAre) {
  for (const char* state : {"22021", "22P05", "23505", "54000", "P0001"})
    EXPECT_TRUE((SqlError{state, ""}.blames_rows())) << state;
  for (const char* state : {"", "08006", "25006", "40001", "42P01", "53100", "57P01", "P"})
    EXPECT_FALSE((SqlError{state, ""}.blames_rows())) << state;
}

TEST(SqlErrorTest, KnowsASchemaThatIsNotThere) {
  for (const char* state : {"42P01", "42703", "42883", "42704", "3F000"})
    EXPECT_TRUE((SqlError{state, ""}.misses_schema())) << state;
  for (const char* state : {"", "42601", "42501", "3D000", "23503"})
    EXPECT_FALSE((SqlError{state, ""}.misses_schema())) << state;
}

TEST(SqlErrorTest, ComparesWholeStates) {
  const SqlError error{"23505", "duplicate key"};
  EXPECT_TRUE(error.is("23505"));
  EXPECT_FALSE(error.is("23"));
}

TEST(SqlErrorTest, IsAFailureOfTheOtherSideForWhoeverDoesNotActOnStates) {
  const Error error = to_error({"23505", "duplicate key"});
  EXPECT_EQ(Errc::io_failed, error.code);
  EXPECT_EQ("duplicate key", error.detail);
}

TEST(SqlErrorTest, IsThrownWithItsTextWhereAValueIsTakenThatIsNotThere) {
  const SqlResult<int> result = SqlError{"23505", "duplicate key"};
  try {
    result.value();
    FAIL() << "a value";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("duplicate key"));
  }
}

}  // namespace
}  // namespace daybook::postgres
