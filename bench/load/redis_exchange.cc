// RESP: https://redis.io/docs/latest/develop/reference/protocol-spec/
#include "bench/load/redis_exchange.h"

#include <charconv>
#include <stdexcept>

namespace daybook::load {
namespace {

// XADD events * e EVENT
const std::string kHead = "*5\r\n$4\r\nXADD\r\n$6\r\nevents\r\n$1\r\n*\r\n$1\r\ne\r\n$" +
                          std::to_string(Corpus::kEventBytes) + "\r\n";

// The length of the reply at the front, or 0 where it is not complete.
std::size_t reply_bytes(std::string_view in) {
  const std::size_t line = in.find("\r\n");
  if (line == std::string_view::npos) return 0;
  if (in[0] == '-' || in[0] == '+' || in[0] == ':') return line + 2;
  if (in[0] != '$') throw std::runtime_error("not RESP: " + std::string(in.substr(0, line)));
  std::size_t length = 0;
  std::from_chars(in.data() + 1, in.data() + line, length);
  const std::size_t bytes = line + 2 + length + 2;
  return bytes <= in.size() ? bytes : 0;
}

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
    const std::size_t bytes = reply_bytes(in);
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
