// Redis' protocol (RESP2): commands as bytes, bytes as replies. hiredis formats and reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/result.h"

struct redisReader;

namespace daybook::redis {

struct Reply {
  enum class Kind : std::uint8_t { status, error, integer, text, array, nil };
  Kind kind = Kind::nil;
  std::string text;  // status, error, text
  std::int64_t integer = 0;
  std::vector<Reply> elements;
};

// Appends a command in Redis' protocol.
void append_command(std::string& out, std::span<const std::string_view> words);

// Commands that are sent at once, each with one reply.
struct Commands {
  std::string bytes;
  std::size_t replies = 0;

  void add(std::span<const std::string_view> words) {
    append_command(bytes, words);
    ++replies;
  }
};

// Of one connection. Once it has failed it stays so.
class ReplyReader {
 public:
  static constexpr std::size_t reply_bytes_max = 64 << 20;
  static constexpr std::size_t elements_max = 1 << 20;  // of one array

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);
  // The next whole reply; nullopt: it is not there yet. io_failed: the bytes are no RESP, or beyond
  // a bound.
  Result<std::optional<Reply>> take();
  // The same, but keeps nothing of it except an error, also one in an array, where `first_error` is
  // empty yet, so that a thousand integers allocate nothing.
  Result<bool> skip(std::string& first_error);

 private:
  Result<void*> read();
  struct Free {
    void operator()(redisReader* reader) const;
  };
  const std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace daybook::redis
