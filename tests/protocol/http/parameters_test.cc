#include "protocol/http/parameters.h"

#include <gmock/gmock.h>

#include "protocol/http/uri.h"
#include "storage/base/limits.h"

namespace daybook::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Uri, SplitsPathAndQuery) {
  EXPECT_EQ("/v1/events", split_target("/v1/events?a=1?2").path);
  EXPECT_EQ("a=1?2", split_target("/v1/events?a=1?2").query);
  EXPECT_EQ("", split_target("/v1/events").query);
  EXPECT_EQ("/v1", split_target("http://localhost:8011/v1?x").path);
  EXPECT_EQ("/", split_target("http://localhost").path);
}

TEST(Uri, DecodesPercentEscapes) {
  EXPECT_EQ("a/b ü+", percent_decode("a%2Fb%20%c3%BC+", Plus::stays));
  EXPECT_EQ("a b", percent_decode("a+b", Plus::is_space));
  for (const char* broken : {"%", "%a", "%zz", "a%2", "%%20"})
    EXPECT_FALSE(percent_decode(broken, Plus::stays)) << broken;
}

TEST(Parameters, AreDecodedAndMayRepeatWhereTheRouteSaysSo) {
  Parameters parameters("tag=a%3A1&type=x+y&tag=b&", {"tag*", "type"});
  EXPECT_THAT(parameters.names("tag"), ElementsAre("a:1", "b"));
  EXPECT_EQ("x y", parameters.name("type"));
  EXPECT_EQ("", parameters.name("absent"));
  EXPECT_FALSE(parameters.error());
}

Error refused(std::string_view query) {
  Parameters parameters(query, {"after", "order", "name", "time", "explain"});
  parameters.integer("after", 0, {.min = 1, .max = 9});
  parameters.word("order", {"asc", "desc"}, 0);
  parameters.name("name");
  parameters.time("time");
  parameters.flag("explain");
  return parameters.error().value_or(Error(Errc::internal, "nothing is wrong"));
}

TEST(Parameters, MayRepeatAThousandTimes) {
  std::string query;
  for (std::size_t i = 0; i < limits::filter_names_max; ++i) query += "tag=a&";
  Parameters most(query, {"tag*"});
  EXPECT_EQ(limits::filter_names_max, most.names("tag").size());
  EXPECT_FALSE(most.error());
  Parameters over(query + "tag=a", {"tag*"});
  over.names("tag");
  ASSERT_TRUE(over.error());
  EXPECT_EQ(Errc::limit_exceeded, over.error()->code);
}

TEST(Parameters, UnknownOnesAreNamed) {
  EXPECT_EQ(Errc::unknown_parameter, refused("colour=red").code);
  EXPECT_THAT(refused("colour=red").detail, HasSubstr("`colour`"));
  EXPECT_EQ(Errc::unknown_parameter, refused("=x").code);
}

TEST(Parameters, BadValuesAreNamed) {
  for (const std::string query :
       {"after=0", "after=10", "after=x", "after=", "after=-1", "after=1.5", "after= 1", "after",
        "after=99999999999999999999999", "after=1&after=2", "order=up", "name=", "name=%00",
        "name=%ff", "time=yesterday", "explain=maybe", "after=%zz"}) {
    const Error error = refused(query);
    EXPECT_EQ(Errc::bad_parameter, error.code) << query;
    EXPECT_THAT(error.detail, HasSubstr('`' + query.substr(0, query.find('=')) + '`')) << query;
  }
  EXPECT_EQ(Errc::bad_parameter, refused("name=" + std::string(256, 'x')).code);
  EXPECT_EQ(Errc::internal, refused("name=" + std::string(255, 'x')).code);
}

TEST(Parameters, TheFirstMistakeIsTold) {
  EXPECT_THAT(refused("order=up&after=x").detail, HasSubstr("`after`"));
}

TEST(Parameters, TimesMayHaveAnUnescapedZone) {
  Parameters parameters("time=2026-01-24T11:00:00+01:00&from=2026-01-24T10:00:00Z",
                        {"time", "from"});
  EXPECT_EQ(parameters.time("from"), parameters.time("time"));
  EXPECT_FALSE(parameters.error());
}

}  // namespace
}  // namespace daybook::http
