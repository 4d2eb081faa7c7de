// Lines end with LF, CR or CR LF; a field's value loses one leading space.
#include "protocol/client/sse_parser.h"

namespace daybook::client {

void SseParser::feed(std::string_view bytes, const OnMessage& on_message) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    if (end == std::string_view::npos) {
      partial_ += bytes;
      return;
    }
    partial_ += bytes.substr(0, end);
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    take_line(partial_, on_message);
    partial_.clear();
  }
}

void SseParser::take_line(std::string_view line, const OnMessage& on_message) {
  if (line.empty()) {
    if (has_data_ || !message_.event.empty()) on_message(message_);
    message_.event.clear();
    message_.data.clear();
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value =
      colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) message_.data += '\n';
    message_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    message_.event = value;
  } else if (name == "id") {
    message_.id = value;
  }
}

}  // namespace daybook::client
