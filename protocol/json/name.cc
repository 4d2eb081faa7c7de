// See name.h.
#include "protocol/json/name.h"

#include "protocol/json/utf8.h"
#include "storage/base/limits.h"

namespace daybook::json {
namespace {

// U+0080 to U+009F are C2 80 to C2 9F.
bool is_c1(std::string_view rest) {
  return rest.size() > 1 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
}

}  // namespace

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > limits::name_bytes_max) return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80) {
      const std::size_t length = utf8_length(text.substr(at));
      if (length == 0 || is_c1(text.substr(at))) return false;
      at += length;
    } else {
      if (byte < 0x20 || byte == 0x7F) return false;
      ++at;
    }
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace daybook::json
