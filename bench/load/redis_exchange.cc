// Pipelines of XADD.
#include "bench/load/redis_exchange.h"

#include "bench/load/resp.h"

namespace daybook::load {
namespace {

// XADD events * e EVENT
const std::string kHead = "*5\r\n$4\r\nXADD\r\n$6\r\nevents\r\n$1\r\n*\r\n$1\r\ne\r\n$" +
                          std::to_string(Corpus::kEventBytes) + "\r\n";

}  // namespace

void RedisExchange::write_next(std::string& out) {
  for (unsigned i = 0; i < pipeline_; ++i) {
    out += kHead;
    out += corpus_.take(1);
    out += "\r\n";
  }
}

Scanned RedisExchange::scan(std::string_view in, std::string& /*out*/) {
  Scanned scanned;
  while (!in.empty()) {
    const std::size_t bytes = resp_bytes(in);
    if (bytes == 0) break;
    if (in[0] == '-') {
      all_ok_ = false;
      remember_failure(in.substr(0, bytes));
    }
    in.remove_prefix(bytes);
    scanned.consumed += bytes;
    if (++replies_ < pipeline_) continue;
    ++scanned.answers;
    if (!all_ok_) ++scanned.failed;
    replies_ = 0;
    all_ok_ = true;
  }
  return scanned;
}

}  // namespace daybook::load
