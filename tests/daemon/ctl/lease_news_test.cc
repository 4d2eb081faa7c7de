// What is said of leases, and how often, against a server that answers from a script.
#include "daemon/ctl/lease_news.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/protocol/client/scripted_server.h"

namespace daybook::ctl {
namespace {

using daybook::testing::Script;
using daybook::testing::ScriptedServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using News = LeaseNews::News;

class LeaseNewsTest : public ::testing::Test {
 protected:
  explicit LeaseNewsTest() : server_(Script{{.body = kNone}, {.body = kNone}}) {}

  static constexpr char kNone[] = R"({"refused":[]})";
  std::istringstream in_;
  std::ostringstream out_;
  Context context_{.streams = {.in = in_, .out = out_, .err = out_}};
  ScriptedServer server_;
  client::HttpClient http_{*client::parse_url(server_.url())};
  DaemonLink link_{context_};
  LeaseNews news_{http_, link_, "/g", "m"};
};

TEST_F(LeaseNewsTest, SaysEachPieceOnce) {
  for (int i = 0; i < 3; ++i) news_.add(News::extend, {.offset = "7", .attempt = "1"});
  EXPECT_THAT(news_.tell(), IsEmpty());
  ASSERT_EQ(1u, server_.asked().size());
  EXPECT_EQ(R"({"member":"m","offsets":[7],"attempts":[1]})", server_.asked()[0].body);
  EXPECT_EQ(1u, news_.told(News::extend));
}

TEST_F(LeaseNewsTest, NamesNoOffsetTwiceInARequest) {
  news_.add(News::extend, {.offset = "7", .attempt = "1"});
  news_.add(News::extend, {.offset = "7", .attempt = "2"});
  news_.add(News::extend, {.offset = "8", .attempt = "1"});
  news_.tell();
  ASSERT_EQ(2u, server_.asked().size());
  EXPECT_EQ(R"({"member":"m","offsets":[7,8],"attempts":[1,1]})", server_.asked()[0].body);
  EXPECT_EQ(R"({"member":"m","offsets":[7],"attempts":[2]})", server_.asked()[1].body);
  EXPECT_TRUE(news_.is_empty());
}

}  // namespace
}  // namespace daybook::ctl
