// A reply of XREADGROUP: the stream's name, then for each entry its id, the field's name, the
// event.
#include "bench/load/redis_group.h"

#include <charconv>
#include <initializer_list>
#include <stdexcept>

#include "bench/load/resp.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr double kAnswerSeconds = 5;

void append_bulk(std::string& out, std::string_view word) {
  out.append("$").append(std::to_string(word.size())).append("\r\n").append(word).append("\r\n");
}

std::string command(std::initializer_list<std::string_view> words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) append_bulk(out, word);
  return out;
}

std::string ask(std::uint16_t port, std::initializer_list<std::string_view> words) {
  const Fd fd = connect_loopback(port);
  set_receive_timeout(fd.get(), kAnswerSeconds);
  send_all(fd.get(), command(words));
  std::string answer;
  while (resp_bytes(answer) == 0) {
    std::string more(4096, '\0');
    more.resize(receive_some(fd.get(), more));
    if (more.empty()) throw std::runtime_error("Redis does not answer");
    answer += more;
  }
  if (answer.starts_with('-')) throw std::runtime_error("Redis: " + answer);
  return answer;
}

std::uint64_t number_in(std::string_view reply) {
  std::uint64_t number = 0;
  std::from_chars(reply.data() + 1, reply.data() + reply.size(), number);
  return number;
}

}  // namespace

void create_redis_group(std::uint16_t port) {
  ask(port, {"XGROUP", "CREATE", "events", "bench", "0"});
}

std::uint64_t redis_pending(std::uint16_t port) {
  const std::string summary = ask(port, {"XPENDING", "events", "bench"});
  return number_in(std::string_view(summary).substr(summary.find(':')));
}

RedisGroupExchange::RedisGroupExchange(unsigned consumer, unsigned batch)
    : batch_(batch),
      fetch_(command({"XREADGROUP", "GROUP", "bench", "consumer-" + std::to_string(consumer),
                      "COUNT", std::to_string(batch), "STREAMS", "events", ">"})) {}

Scanned RedisGroupExchange::scan(std::string_view in, std::string& out) {
  Scanned scanned;
  while (!in.empty()) {
    strings_.clear();
    const std::size_t bytes = resp_bytes(in, &strings_);
    if (bytes == 0) break;
    const std::size_t entries = strings_.size() / 3;
    if (in[0] == '-') throw std::runtime_error("Redis: " + std::string(in.substr(0, bytes)));
    if (in[0] == '*' && entries != batch_)
      throw std::runtime_error("Redis delivered " + std::to_string(entries) + " entries at once");
    if (in[0] == '*') {
      out +=
          "*" + std::to_string(3 + entries) + "\r\n$4\r\nXACK\r\n$6\r\nevents\r\n$5\r\nbench\r\n";
      for (std::size_t i = 0; i < entries; ++i) append_bulk(out, strings_[1 + 3 * i]);
    } else {
      ++scanned.answers;
      if (number_in(in) != batch_) ++scanned.failed;
    }
    in.remove_prefix(bytes);
    scanned.consumed += bytes;
  }
  return scanned;
}

}  // namespace daybook::load
