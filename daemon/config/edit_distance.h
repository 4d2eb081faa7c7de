// How many characters must be added, dropped or changed to turn one text into the other.
#pragma once

#include <cstddef>
#include <string_view>

namespace daybook::config {

// Levenshtein's distance. Texts longer than 128 bytes are compared by their first 128.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace daybook::config
