// A place in the log as an operator names it.
#pragma once

#include <string>
#include <string_view>

namespace daybook::ctl {

// "beginning" and "head" as they are; a number N as {"after":N}; anything else is a time.
std::string place_to_json(std::string_view place);

}  // namespace daybook::ctl
