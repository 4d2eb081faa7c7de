// Server-sent events, cut anywhere.
#include "protocol/client/sse_parser.h"

#include <gtest/gtest.h>

#include <vector>

namespace daybook::client {
namespace {

// "event|data|id" of each message, with the text fed in pieces of `size`.
std::vector<std::string> parse(std::string_view text, std::size_t size = 1000) {
  SseParser parser;
  std::vector<std::string> out;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    parser.feed(text.substr(0, size), [&](const SseMessage& message) {
      out.push_back(message.event + '|' + message.data + '|' + message.id);
    });
  return out;
}

using Messages = std::vector<std::string>;

TEST(SseParser, MessagesEndAtAnEmptyLine) {
  EXPECT_EQ((Messages{"|{\"a\":1}|7", "caught_up||7"}),
            parse("id: 7\ndata: {\"a\":1}\n\nevent: caught_up\ndata:\n\nid: 8\ndata: cut off"));
}

TEST(SseParser, PiecesAndLineEndsDoNotMatter) {
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const std::string text =
        "id:1" + end + "data:a" + end + "data:b" + end + end + "data: c" + end + end;
    for (std::size_t size = 1; size < 8; ++size)
      EXPECT_EQ((Messages{"|a\nb|1", "|c|1"}), parse(text, size)) << size;
  }
}

TEST(SseParser, HeartbeatsAndUnknownFieldsAreSilent) {
  EXPECT_EQ(Messages{}, parse(": heartbeat\n\nretry: 5\n\n\n"));
}

TEST(SseParser, AnIdAloneIsRemembered) {
  EXPECT_EQ((Messages{"|x|9"}), parse("id: 9\n\ndata: x\n\n"));
}

}  // namespace
}  // namespace daybook::client
