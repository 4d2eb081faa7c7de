// Walks a reply without recursion: what is still to come is a count.
#include "bench/load/resp.h"

#include <charconv>
#include <stdexcept>
#include <string>

namespace daybook::load {

std::size_t resp_bytes(std::string_view in, std::vector<std::string_view>* strings) {
  std::size_t at = 0;
  for (long to_come = 1; to_come > 0; --to_come) {
    const std::size_t line = in.find("\r\n", at);
    if (line == std::string_view::npos) return 0;
    const char kind = in[at];
    long length = 0;  // -1: null
    std::from_chars(in.data() + at + 1, in.data() + line, length);
    const std::size_t body = line + 2;
    if (kind == '$' && length >= 0) {
      const auto bytes = static_cast<std::size_t>(length);
      if (in.size() < body + bytes + 2) return 0;
      if (strings) strings->push_back(in.substr(body, bytes));
      at = body + bytes + 2;
      continue;
    }
    if (std::string_view("+-:$*").find(kind) == std::string_view::npos)
      throw std::runtime_error("not RESP: " + std::string(in.substr(at, line - at)));
    if (kind == '*' && length > 0) to_come += length;
    at = body;
  }
  return at;
}

}  // namespace daybook::load
