// See utf8.h.
#include "protocol/json/utf8.h"

namespace daybook::json {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (first < 0xC2 || text.size() < 2) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (!continues(text[1])) return 0;
  if (first < 0xE0) return 2;
  if (text.size() < 3 || !continues(text[2])) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first > 0xF4 || text.size() < 4 || !continues(text[3])) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool too_high = first == 0xF4 && second >= 0x90;
  return overlong || too_high ? 0 : 4;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && continues(text[bytes_max])) --bytes_max;
  return text.substr(0, bytes_max);
}

std::size_t put_utf8(char32_t point, char* out) {
  const auto put = [out](std::size_t at, char32_t bits) { out[at] = static_cast<char>(bits); };
  const auto tail = [point](unsigned shift) { return 0x80U | (point >> shift & 0x3FU); };
  if (point < 0x80) {
    put(0, point);
    return 1;
  }
  if (point < 0x800) {
    put(0, 0xC0U | point >> 6U);
    put(1, tail(0));
    return 2;
  }
  if (point < 0x10000) {
    put(0, 0xE0U | point >> 12U);
    put(1, tail(6));
    put(2, tail(0));
    return 3;
  }
  put(0, 0xF0U | point >> 18U);
  put(1, tail(12));
  put(2, tail(6));
  put(3, tail(0));
  return 4;
}

}  // namespace daybook::json
