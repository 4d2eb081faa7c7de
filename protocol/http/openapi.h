// The text of protocol/openapi.json, built into the program.
#pragma once

#include <string_view>

namespace daybook::http {

std::string_view openapi_text();

}  // namespace daybook::http
