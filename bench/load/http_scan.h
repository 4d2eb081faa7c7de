// Just enough HTTP/1.1 for both sides of the bench: where a head ends and how long its body is.
#pragma once

#include <cstddef>
#include <string_view>

namespace daybook::load {

struct HttpHead {
  std::size_t bytes = 0;  // of the head with its empty line; 0: not complete yet
  std::size_t body_bytes = 0;
};

// Remembers where the length stood, because the next head from the same peer looks the same.
class HttpScanner {
 public:
  // Throws where a head is longer than 16 KiB.
  HttpHead scan(std::string_view in);

 private:
  std::size_t length_at_ = 0;
};

}  // namespace daybook::load
