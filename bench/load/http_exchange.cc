// The HTTP side of the load: a fixed head, then bytes straight from the corpus.
#include "bench/load/http_exchange.h"

#include <algorithm>

namespace daybook::load {

HttpExchange::HttpExchange(Corpus& corpus, const std::string& path, unsigned batch)
    : corpus_(corpus), batch_(batch) {
  const std::size_t length = Corpus::joined_bytes(batch) + (batch > 1 ? 2 : 0);
  head_ = "POST " + path +
          " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(length) + "\r\n\r\n" + (batch > 1 ? "[" : "");
}

void HttpExchange::write_next(std::string& out) {
  out += head_;
  out += corpus_.take(batch_);
  if (batch_ > 1) out += ']';
}

Scanned HttpExchange::scan(std::string_view in, std::string& /*out*/) {
  Scanned scanned;
  while (!in.empty()) {
    std::size_t eaten = std::min(body_left_, in.size());
    body_left_ -= eaten;
    if (eaten == 0) {
      const HttpHead head = scanner_.scan(in);
      if (head.bytes == 0) break;
      answer_ok_ = in.size() > 12 && in[9] == '2';
      if (!answer_ok_) remember_failure(in);
      eaten = head.bytes;
      body_left_ = head.body_bytes;
    }
    in.remove_prefix(eaten);
    scanned.consumed += eaten;
    if (body_left_ > 0) continue;
    ++scanned.answers;
    if (!answer_ok_) ++scanned.failed;
  }
  return scanned;
}

}  // namespace daybook::load
