// Finds its way in JSON text without changing it: events are shown and passed on as they were
// written, big numbers, `1.0` and order of members included.
//
// The text comes from the daemon, or is checked by it: here only strings and brackets are told
// apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::ctl {

// The value that `text` begins with, white space before it aside, or "" if there is no whole one.
std::string_view first_value(std::string_view text);

// Whether `text` is exactly one value, so that it can be put into a larger text without leaking
// out.
bool is_one_value(std::string_view text);

// The elements of an array, the members of an object (names without quotes, as spelt); empty for
// anything else.
std::vector<std::string_view> elements(std::string_view array);
std::vector<std::pair<std::string_view, std::string_view>> members(std::string_view object);

// The value of a member, or "".
std::string_view member(std::string_view object, std::string_view name);

// The value of a member that is a whole number, or 0.
std::uint64_t number(std::string_view object, std::string_view name);

// A string without quotes and escapes; null as ""; any other value as it is.
std::string to_text(std::string_view value);

// A JSON string.
std::string to_json(std::string_view text);

}  // namespace daybook::ctl
