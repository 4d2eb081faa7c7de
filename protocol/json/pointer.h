// JSON pointers (RFC 6901): "/payload/agents/0/name".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::json {

// A name as it stands between two slashes.
std::string escape_for_pointer(std::string_view name);

// The names it goes through, decoded; nullopt where it is none.
std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer);

// The text of the value there, in text that `minify` has passed; empty: there is none. Of members
// with the same name the last counts, as it does for PostgreSQL's jsonb.
std::string_view find(std::string_view minified, std::span<const std::string> path);

}  // namespace daybook::json
