#include "storage/model/event.h"

namespace daybook {

void EventId::append_to(std::string& out) const {
  if (!server_made()) {
    out.append(text);
    return;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  char form[36];
  char* at = form;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHex[uuid[i] >> 4];
    *at++ = kHex[uuid[i] & 15];
  }
  out.append(form, sizeof form);
}

std::string EventId::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace daybook
