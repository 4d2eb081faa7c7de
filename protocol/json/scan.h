// Looks at 16 bytes of a string at once. Bit i of a mask is byte i.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace daybook::json {

#if defined(__SSE2__)

// Copies 16 bytes and returns which of them are not plain: a quote, a backslash, a control
// character, or a part of a longer UTF-8 sequence.
inline unsigned copy16(const char* from, char* to) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // Signed: bytes from 0x80 on are negative, and so below 0x20 as well.
  const __m128i low_or_high = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
  const __m128i any = _mm_or_si128(_mm_or_si128(quote, backslash), low_or_high);
  return static_cast<unsigned>(_mm_movemask_epi8(any));
}

// Which of 16 bytes are a quote or a backslash.
inline unsigned quotes16(const char* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(quote, backslash)));
}

#else

inline unsigned copy16(const char* from, char* to) {
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    to[i] = from[i];
    mask |= static_cast<unsigned>(byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x80) << i;
  }
  return mask;
}

inline unsigned quotes16(const char* from) {
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i)
    mask |= static_cast<unsigned>(from[i] == '"' || from[i] == '\\') << i;
  return mask;
}

#endif

}  // namespace daybook::json
