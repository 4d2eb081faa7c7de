#include "replication/redis/resp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace daybook::redis {
namespace {

using Kind = Reply::Kind;

TEST(Resp, WritesCommandsOfAnyBytes) {
  const std::string binary("a\r\n\0b", 5);
  const std::vector<std::string_view> words{"PUBLISH", "", binary};
  std::string out = "before ";
  append_command(out, words);
  EXPECT_EQ("before *3\r\n$7\r\nPUBLISH\r\n$0\r\n\r\n$5\r\n" + binary + "\r\n", out);
}

TEST(Resp, ReadsRepliesOfEveryKindByteForByte) {
  ReplyReader reader;
  std::vector<Reply> replies;
  for (const char byte : std::string("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n"
                                     "*3\r\n$1\r\nx\r\n*1\r\n:1\r\n$-1\r\n*0\r\n")) {
    reader.feed({&byte, 1});
    auto reply = reader.take();
    ASSERT_TRUE(reply);
    if (*reply) replies.push_back(std::move(**reply));
  }
  ASSERT_EQ(8U, replies.size());
  EXPECT_EQ(Kind::status, replies[0].kind);
  EXPECT_EQ("OK", replies[0].text);
  EXPECT_EQ(Kind::error, replies[1].kind);
  EXPECT_EQ("ERR no", replies[1].text);
  EXPECT_EQ(-7, replies[2].integer);
  EXPECT_EQ("a\r\n", replies[3].text);
  EXPECT_EQ(Kind::nil, replies[4].kind);
  EXPECT_EQ(Kind::nil, replies[5].kind);
  ASSERT_EQ(3U, replies[6].elements.size());
  EXPECT_EQ("x", replies[6].elements[0].text);
  EXPECT_EQ(1, replies[6].elements[1].elements.at(0).integer);
  EXPECT_EQ(Kind::nil, replies[6].elements[2].kind);
  EXPECT_EQ(Kind::array, replies[7].kind);
}

TEST(Resp, SkipsAllButTheWordsOfTheFirstError) {
  ReplyReader reader;
  reader.feed(":1\r\n*2\r\n$1\r\nx\r\n-ERR old\r\n+OK\r\n-NOPERM no\r\n-ERR older\r\n:1");
  std::string first_error;
  std::size_t replies = 0;
  while (*reader.skip(first_error)) ++replies;
  EXPECT_EQ(5U, replies);
  EXPECT_EQ("ERR old", first_error);
  reader.feed("7\r\n");
  const auto rest = reader.take();
  ASSERT_TRUE(rest && *rest);
  EXPECT_EQ(17, (*rest)->integer);
}

TEST(Resp, RefusesWhatIsNoProtocolOrHasNoBound) {
  const std::string many = "*" + std::to_string(ReplyReader::elements_max + 1) + "\r\n";
  for (const std::string& bytes : {std::string("HTTP/1.1 400\r\n"), many}) {
    ReplyReader reader;
    reader.feed(bytes);
    const auto reply = reader.take();
    ASSERT_FALSE(reply) << bytes;
    EXPECT_EQ(Errc::io_failed, reply.error().code);
    std::string first_error;
    EXPECT_FALSE(reader.skip(first_error)) << "it stays so";
  }
  ReplyReader reader;
  reader.feed("$500000000\r\n");
  EXPECT_TRUE(reader.take());
  reader.feed(std::string(ReplyReader::reply_bytes_max + 1, 'x'));
  EXPECT_FALSE(reader.take());
}

}  // namespace
}  // namespace daybook::redis
