// Just enough RESP for what Redis answers here: where a reply ends, and the strings in it.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace daybook::load {

// The length of the reply at the front, what is nested in it included; 0 where it is not complete.
// Its bulk strings are appended to `strings`, in their order, also where this returns 0: views of
// `in`. Throws where the bytes are no RESP.
std::size_t resp_bytes(std::string_view in, std::vector<std::string_view>* strings = nullptr);

}  // namespace daybook::load
