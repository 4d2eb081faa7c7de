// One connection to Redis: Asio carries the bytes, plain or TLS; hiredis reads and formats the
// protocol (RESP2). Of one thread; one `exchange` or `receive` at a time, `close` may come in
// between, and what is under way then fails.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "replication/redis/resp.h"
#include "replication/redis/url.h"
#include "storage/base/result.h"

namespace daybook::redis {

struct ConnectionSettings {
  Url url;
  std::string ca_file;  // empty: the system's certificates
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds answer_timeout{60'000};  // no byte for so long: the peer is gone
};

class Connection {
 public:
  Connection(const boost::asio::any_io_executor& executor, ConnectionSettings settings);
  ~Connection();  // closes it
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Resolves, connects, authenticates, selects the database, names the client "daybook". Fails with
  // io_failed, for a person; also where the peer is no primary. May be called again once it is
  // closed, or has failed. A look-up that the operating system has begun cannot be cancelled.
  boost::asio::awaitable<Result<void>> open();
  bool is_open() const;
  void close();

  // Sends commands and waits for as many replies. Writing and reading go side by side, so that
  // neither end waits for the other's buffer. An error reply fails it: io_failed with the first,
  // once all replies are there.
  boost::asio::awaitable<Result<void>> exchange(std::string_view commands, std::size_t replies);
  // One command, its reply. An error reply fails it.
  boost::asio::awaitable<Result<Reply>> ask(std::span<const std::string_view> words);
  // Asks for its role, and fails where it is a replica (a primary may become one under way): what
  // is published there reaches its own subscribers alone. A user who may not ask is let through.
  boost::asio::awaitable<Result<void>> check_primary();
  // The next message of a subscription, however long it takes.
  boost::asio::awaitable<Result<Reply>> receive();

 private:
  struct Session;
  const std::shared_ptr<Session> session_;
};

}  // namespace daybook::redis
