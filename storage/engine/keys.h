// The bytes of keys, big-endian so that they sort as what they mean. Every key begins with the log
// id, so that several logs can live in one data directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/bytes.h"
#include "storage/base/ids.h"

namespace daybook::engine {

inline constexpr std::uint32_t kLog = 0;

class Key {
 public:
  Key() { append_big(bytes_, kLog); }
  Key& kind(char c) {
    bytes_.push_back(c);
    return *this;
  }
  // Names hold no control characters: a zero byte ends each, and so shorter ones sort first.
  Key& name(std::string_view text) {
    bytes_.append(text).push_back('\0');
    return *this;
  }
  Key& raw(std::string_view text) {
    bytes_.append(text);
    return *this;
  }
  Key& number(std::uint64_t n) {
    append_big(bytes_, n);
    return *this;
  }
  Key& slot(std::uint32_t n) {
    append_big(bytes_, n);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  operator std::string_view() const { return bytes_; }

 private:
  std::string bytes_;
};

inline constexpr std::size_t kKeyPrefixBytes = sizeof kLog;

// The number that ends a key.
inline std::uint64_t last_number(std::string_view key) {
  return key.size() < sizeof(std::uint64_t)
             ? 0
             : read_big64(key.data() + key.size() - sizeof(std::uint64_t));
}

}  // namespace daybook::engine
