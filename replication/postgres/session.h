// What a Connection is made of: libpq's handle, its socket, and the ways to wait for both.
//
// Every wait may find that `close` came in between: then the handle is gone, and nothing of it may
// be used.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "replication/postgres/connection.h"
#include "replication/postgres/dial.h"
#include "replication/postgres/rows.h"
#include "replication/postgres/session_socket.h"

namespace daybook::postgres {

struct Connection::Session {
  Session(const boost::asio::any_io_executor& on, std::string to)
      : executor(on), target(std::move(to)), socket(on) {}

  void close();
  // What libpq says of a call that it refused: then nothing can be done with this connection.
  SqlError give_up();

  // Up to the end of the handshake.
  boost::asio::awaitable<SqlResult<void>> connect();
  // Closes it where that attempt to open it is still under way.
  void expire(std::uint64_t attempt_then, std::chrono::milliseconds limit);

  // After a function of libpq that sends, with what it returned: the answer, or how it ended.
  boost::asio::awaitable<SqlResult<Rows>> answer(int sent);
  boost::asio::awaitable<SqlResult<void>> finish(int sent);
  // Until everything has left libpq's buffer, or the connection is found to be lost. What comes
  // meanwhile is read: else neither side might go on. False: closed.
  boost::asio::awaitable<bool> flush();
  // Until PQgetResult need not wait. False: closed.
  boost::asio::awaitable<bool> wait_for_answer();
  // All answers to what was sent: the first failure, or the last of them. Ends where a COPY begins.
  boost::asio::awaitable<SqlResult<Rows>> read_answers();
  // Of a pipeline up to its end: the first failure.
  boost::asio::awaitable<SqlResult<void>> read_pipeline();

  const boost::asio::any_io_executor executor;
  const std::string target;
  PqConnection handle;
  SessionSocket socket;             // after the handle: it is released before libpq closes it
  std::uint64_t attempt = 0;        // changes where an `open` begins and where it ends
  std::optional<SqlError> expired;  // why `open` fails, if it took too long
  std::string peer;
};

// What is said of a connection that `close` ended under a call, or that was not open.
SqlError closed_error();

}  // namespace daybook::postgres
