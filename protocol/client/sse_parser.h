// Reads a stream of server-sent events (WHATWG HTML, section 9.2) as its bytes come in.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace daybook::client {

struct SseMessage {
  std::string event;  // "" is an unnamed message
  std::string data;   // several `data:` lines are joined by line feeds
  std::string id;     // the last one seen, on this message or an earlier one
};

class SseParser {
 public:
  using OnMessage = std::function<void(const SseMessage&)>;

  // Bytes may be cut anywhere. A message is complete at its empty line; one without data and
  // without a name (a heartbeat) is not handed over.
  void feed(std::string_view bytes, const OnMessage& on_message);

 private:
  void take_line(std::string_view line, const OnMessage& on_message);

  std::string partial_;    // of a line that is not complete
  bool after_cr_ = false;  // the next byte may be the line feed of CR LF
  bool has_data_ = false;
  SseMessage message_;
};

}  // namespace daybook::client
