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

// Makes the durable pull consumer `reader` from the stream's beginning, with an explicit
// acknowledgement of each message; it must not exist yet. At most `pending_max` messages are
// delivered and not acknowledged.
void create_nats_consumer(std::uint16_t port, std::uint64_t pending_max);
// How many messages were delivered and not acknowledged, once acknowledgements have had 5 s at most
// to be taken: nobody else is told when they are.
std::uint64_t nats_pending(std::uint16_t port);

// One puller of that consumer. A request is one fetch of `batch` messages; it is answered with the
// last of them, because JetStream does not answer an acknowledgement. Acknowledgements are sent
// with the next fetch in one write.
class NatsPullExchange : public Exchange {
 public:
  // `connection` tells the inboxes of several connections apart.
  NatsPullExchange(unsigned connection, unsigned batch);
  void open(int fd) override;
  void write_next(std::string& out) override { out += fetch_; }
  Scanned scan(std::string_view in, std::string& out) override;

 private:
  const unsigned batch_;
  const std::string inbox_;
  const std::string fetch_;
  unsigned messages_ = 0;  // of the fetch that is being answered
};

}  // namespace daybook::load
