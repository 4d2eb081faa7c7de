// JSON as Python's json.dumps writes it: ", " and ": ", and everything but printable ASCII escaped.
#pragma once

#include <string>
#include <string_view>

namespace daybook::redis {

// A string, with its quotes. What is no UTF-8 becomes U+FFFD.
void append_python_string(std::string& out, std::string_view text);

// JSON text without white space between its tokens. Numbers stay as they are spelt.
void append_python_json(std::string& out, std::string_view json);

}  // namespace daybook::redis
