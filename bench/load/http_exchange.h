// Appends events over HTTP keep-alive: `POST PATH` with one event, or an array of them.
#pragma once

#include <memory>

#include "bench/load/corpus.h"
#include "bench/load/exchange.h"
#include "bench/load/http_scan.h"

namespace daybook::load {

class HttpExchange : public Exchange {
 public:
  // The corpus outlives the exchange and is shared by all of one thread.
  HttpExchange(Corpus& corpus, const std::string& path, unsigned batch);
  void write_next(std::string& out) override;
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  Corpus& corpus_;
  const unsigned batch_;
  std::string head_;  // of every request, up to the first event
  HttpScanner scanner_;
  std::size_t body_left_ = 0;  // of the answer that is arriving
  bool answer_ok_ = true;
};

}  // namespace daybook::load
