// Server frames of RFC 6455, however they arrive.
#include "bench/load/ws_frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace daybook::load {
namespace {

std::string frame(std::uint8_t first_byte, const std::string& body) {
  std::string out(1, static_cast<char>(first_byte));
  if (body.size() < 126) {
    out += static_cast<char>(body.size());
  } else if (body.size() < 65536) {
    out += '\x7e';
    out += static_cast<char>(body.size() >> 8);
    out += static_cast<char>(body.size() & 0xff);
  } else {
    out += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(body.size() >> shift & 0xff);
  }
  return out + body;
}

// The messages' kinds and bodies, the bytes arriving at most `step` at a time.
std::vector<std::pair<WsMessage::Kind, std::string>> read(std::string_view bytes,
                                                          std::size_t step) {
  WsFrames frames;
  std::vector<std::pair<WsMessage::Kind, std::string>> found;
  while (!bytes.empty()) {
    const auto room = frames.room();
    const std::size_t n = std::min({step, room.size(), bytes.size()});
    std::copy_n(bytes.begin(), n, room.begin());
    bytes.remove_prefix(n);
    frames.filled(n);
    while (const auto message = frames.next()) found.emplace_back(message->kind, message->body);
  }
  return found;
}

class WsFramesTest : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Cuts, WsFramesTest, testing::Values(1, 3, 1000, 10'000'000));

TEST_P(WsFramesTest, MessagesOfEveryLengthComeWhole) {
  std::string bytes;
  std::vector<std::pair<WsMessage::Kind, std::string>> expected;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 300'000U}) {
    expected.emplace_back(WsMessage::Kind::text, std::string(size, 'x'));
    bytes += frame(0x81, expected.back().second);
  }
  EXPECT_EQ(expected, read(bytes, GetParam()));
}

TEST_P(WsFramesTest, FragmentsAreJoinedAroundControlFrames) {
  const std::string bytes =
      frame(0x01, "one ") + frame(0x89, "hello") + frame(0x80, "two") + frame(0x88, "");
  const std::vector<std::pair<WsMessage::Kind, std::string>> expected = {
      {WsMessage::Kind::ping, "hello"},
      {WsMessage::Kind::text, "one two"},
      {WsMessage::Kind::close, ""}};
  EXPECT_EQ(expected, read(bytes, GetParam()));
}

TEST(WsFrames, MaskedFramesAreNotFromAServer) {
  EXPECT_THROW(read(std::string("\x81\x85") + "abcdefghi", 100), std::runtime_error);
}

TEST(WsFrames, ClientFramesAreMasked) {
  std::string out;
  append_client_frame(out, kWsText, std::string(200, 'y'));
  EXPECT_EQ(std::string("\x81\xfe\x00\xc8\0\0\0\0", 8) + std::string(200, 'y'), out);
}

}  // namespace
}  // namespace daybook::load
