// Numbers as bytes. Values are little-endian, keys big-endian (so that they sort as numbers).
// Varints are LEB128: seven bits a byte, the lowest first.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace daybook {

static_assert(std::endian::native == std::endian::little, "Daybook runs on little-endian machines");

template <class T>
void append_little(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

template <class T>
T read_little(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

inline void append_big(std::string& out, std::uint32_t value) {
  append_little(out, __builtin_bswap32(value));
}
inline void append_big(std::string& out, std::uint64_t value) {
  append_little(out, __builtin_bswap64(value));
}
inline std::uint32_t read_big32(const char* at) {
  return __builtin_bswap32(read_little<std::uint32_t>(at));
}
inline std::uint64_t read_big64(const char* at) {
  return __builtin_bswap64(read_little<std::uint64_t>(at));
}

inline void append_varint(std::string& out, std::uint64_t value) {
  char bytes[10];
  std::size_t n = 0;
  while (value >= 0x80) {
    bytes[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[n++] = static_cast<char>(value);
  out.append(bytes, n);
}

inline void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

// Small numbers of either sign as small varints.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// Reads from bytes that may be damaged: past the end everything reads as zero and `ok()` is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  template <class T>
  T little() {
    const std::string_view raw = bytes(sizeof(T));
    return ok_ ? read_little<T>(raw.data()) : T{};
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) break;
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  std::string_view bytes(std::size_t n) {
    if (n > left()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken(at_, n);
    at_ += n;
    return taken;
  }

  std::string_view text() { return bytes(static_cast<std::size_t>(varint())); }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace daybook
