// One UTF-8 sequence at a time (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace daybook::json {

// How many bytes the sequence at the beginning of `text` has; 0 where none is.
std::size_t utf8_length(std::string_view text);

// The beginning of `text` with at most so many bytes, its last sequence whole.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

// Writes a code point's 1 to 4 bytes; surrogates are written as their 3 bytes, which are not UTF-8.
std::size_t put_utf8(char32_t point, char* out);

}  // namespace daybook::json
