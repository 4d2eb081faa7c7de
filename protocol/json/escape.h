// The smallest pieces of JSON text, appended to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/time.h"

namespace daybook::json {

// With its quotes. Escapes only what must be; text that is not UTF-8 gets U+FFFD in its place, so
// that what is written is always JSON.
void append_string(std::string& out, std::string_view text);

// The same, or null where the text is empty.
void append_string_or_null(std::string& out, std::string_view text);

void append_unsigned(std::string& out, std::uint64_t value);

// With its quotes, RFC 3339.
void append_time(std::string& out, Timestamp time);

// What stands before a value, like `,"name":`, and the value.
void append_member(std::string& out, std::string_view before, std::string_view text);
void append_member(std::string& out, std::string_view before, std::uint64_t number);
void append_member(std::string& out, std::string_view before, Timestamp time);
// With milliseconds.
void append_seconds(std::string& out, std::string_view before, double seconds);
// Named apart, because a literal would rather be a bool than a view.
void append_flag(std::string& out, std::string_view before, bool flag);

}  // namespace daybook::json
