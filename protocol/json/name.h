// Names, ids, tags, groups and members: 1 to 255 bytes of UTF-8 without control characters.
#pragma once

#include <string_view>

namespace daybook::json {

// Unicode's control characters (C0, DEL, C1) are refused, in whatever way they were spelt.
bool is_name(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace daybook::json
