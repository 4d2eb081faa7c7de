// Events as a shop's services write them, for what the corpus is too random or too small for:
// nested payloads with ids, names, amounts and addresses, some 900 bytes of JSON each.
#pragma once

#include <cstddef>
#include <string>

namespace daybook::bench {

// An array of `count` events, the same at every call.
std::string orders_body(std::size_t count);

}  // namespace daybook::bench
