// One connection to an endpoint, plain or TLS, at one address. Of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "replication/tls/trust.h"
#include "replication/webhook/address.h"
#include "replication/webhook/url.h"
#include "storage/base/result.h"

namespace daybook::webhook {

using Moment = std::chrono::steady_clock::time_point;

inline constexpr std::size_t answer_bytes_max = 64 << 10;  // of its body; what follows is not read

struct Request {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct Answer {
  unsigned status = 0;
  std::string phrase;  // what the status line says: "Not Found"
  std::string retry_after;
  std::string body;  // the first answer_bytes_max
};

class Connection {
 public:
  Connection(const boost::asio::any_io_executor& executor, Url url, Address address);
  ~Connection();  // closes it
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects to the address; with TLS verifies that the peer is the URL's host. Fails with
  // io_failed, for a person.
  boost::asio::awaitable<Result<void>> open(std::shared_ptr<const Trust> trust, Moment deadline);

  // POSTs. Any status is an answer; io_failed: there was none. `request` outlives the call.
  boost::asio::awaitable<Result<Answer>> post(const Request& request, Moment deadline);

  // Whether a byte of an answer came to the last `post`: without one it may have met a connection
  // that the endpoint was just closing.
  bool was_answered() const;
  // Whether it can be used for another `post`.
  bool is_reusable() const;
  const Address& address() const;
  // What is under way fails.
  void close();

 private:
  struct Streams;
  const std::unique_ptr<Streams> streams_;
};

}  // namespace daybook::webhook
