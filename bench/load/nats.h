// NATS by its text protocol: publishing into JetStream, and reading back by a pull consumer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/corpus.h"
#include "bench/load/exchange.h"
#include "bench/load/measure.h"

namespace daybook::load {

// One operation from the server. Views point into what was scanned.
struct NatsOp {
  enum class Kind { message, status, ping, other };
  Kind kind = Kind::other;
  std::size_t bytes = 0;       // what it takes up
  std::string_view reply{};    // message: where to send the acknowledgement
  std::string_view payload{};  // message; status: its headers; other: the line
};

// The operation at the front, or nullopt where it is not complete.
std::optional<NatsOp> next_nats_op(std::string_view in);

// Makes the stream that the bench writes into and reads; it must not exist yet.
void create_nats_stream(std::uint16_t port);

// Publishes with an acknowledgement for each event; as many are in flight as the driver allows.
class NatsExchange : public Exchange {
 public:
  // `connection` tells the inboxes of several connections apart.
  NatsExchange(Corpus& corpus, unsigned connection);
  void open(int fd) override;
  void write_next(std::string& out) override;
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  Corpus& corpus_;
  const std::string inbox_;
  const std::string head_;  // of every publish
};

struct NatsPullOptions {
  std::uint16_t port = 0;
  unsigned batch = 500;      // messages a fetch asks for; two fetches are outstanding
  std::uint64_t events = 0;  // how many are in the stream
  double seconds = 60;       // gives up after
};

// Reads the stream from its beginning through one durable pull consumer with an explicit
// acknowledgement for every message.
Measured pull_nats(const NatsPullOptions& options);

}  // namespace daybook::load
