// A consumer of a Redis consumer group: XREADGROUP, and one XACK that names every entry it brought.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/exchange.h"

namespace daybook::load {

// Makes the consumer group `bench` from the beginning of the stream; it must not exist yet.
void create_redis_group(std::uint16_t port);
// How many entries the group has delivered that nobody has acknowledged.
std::uint64_t redis_pending(std::uint16_t port);

// A request is one XREADGROUP; it is answered when its XACK is. Entries must be there: a reply with
// fewer of them than `batch` is a failure.
class RedisGroupExchange : public Exchange {
 public:
  RedisGroupExchange(unsigned consumer, unsigned batch);
  void write_next(std::string& out) override { out += fetch_; }
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  const unsigned batch_;
  const std::string fetch_;
  std::vector<std::string_view> strings_;  // of the reply at hand
};

}  // namespace daybook::load
