// Appends events to a Redis stream: XADD by RESP, `pipeline` of them in one write and then all
// their answers.
#pragma once

#include "bench/load/corpus.h"
#include "bench/load/exchange.h"

namespace daybook::load {

class RedisExchange : public Exchange {
 public:
  RedisExchange(Corpus& corpus, unsigned pipeline) : corpus_(corpus), pipeline_(pipeline) {}
  void write_next(std::string& out) override;
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  Corpus& corpus_;
  const unsigned pipeline_;
  unsigned replies_ = 0;  // of the pipeline that is being answered
  bool all_ok_ = true;
};

}  // namespace daybook::load
