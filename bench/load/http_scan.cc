// Finds the end of a head and its Content-Length.
#include "bench/load/http_scan.h"

#include <strings.h>

#include <charconv>
#include <stdexcept>

namespace daybook::load {
namespace {

constexpr std::string_view kName = "content-length:";
constexpr std::size_t kHeadBytesMax = 16 << 10;

bool is_length_line(std::string_view line) {
  return line.size() > kName.size() && ::strncasecmp(line.data(), kName.data(), kName.size()) == 0;
}

std::size_t find_length_line(std::string_view head) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2))
    if (is_length_line(head.substr(at + 2))) return at + 2;
  return 0;
}

std::size_t number_at(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

HttpHead HttpScanner::scan(std::string_view in) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (in.size() > kHeadBytesMax) throw std::runtime_error("not HTTP: a head without an end");
    return {};
  }
  const std::string_view head = in.substr(0, end + 2);
  const bool as_before = length_at_ != 0 && length_at_ < head.size() &&
                         is_length_line(head.substr(length_at_)) && head[length_at_ - 1] == '\n';
  if (!as_before) length_at_ = find_length_line(head);
  return {.bytes = end + 4,
          .body_bytes = length_at_ == 0 ? 0 : number_at(head.substr(length_at_ + kName.size()))};
}

}  // namespace daybook::load
