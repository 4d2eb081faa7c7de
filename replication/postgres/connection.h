// One connection to PostgreSQL by libpq's non-blocking functions: waits for its socket on the
// executor, so that no thread waits for a server. Of one thread, one call at a time; `close` alone
// may come in between, and what is under way then fails.
//
// The one blocking part is libpq's look-up of host names, which is why followers have a thread of
// their own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replication/postgres/sql_error.h"

namespace daybook::postgres {

// nullopt is NULL. As text; PostgreSQL infers the type from its use.
using Parameter = std::optional<std::string>;

// The rows of one answer.
class Rows {
 public:
  struct Answer;  // libpq's
  explicit Rows(std::shared_ptr<const Answer> answer);
  std::size_t size() const;
  // As text; nullopt is NULL.
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const;
  // Of INSERT, UPDATE and DELETE: how many rows they touched.
  std::size_t affected() const;

 private:
  std::shared_ptr<const Answer> answer_;
};

// One execution of a prepared statement.
struct Execution {
  std::string_view statement;  // its name
  std::vector<Parameter> parameters;
};

class Connection {
 public:
  // `target`: a URL or keywords as libpq takes them; what it leaves out comes from libpq's
  // environment (PGHOST, PGPASSFILE and so on), read anew by each `open`.
  Connection(const boost::asio::any_io_executor& executor, std::string target);
  ~Connection();  // closes it
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Connects, or fails once `timeout` is over (`connect_timeout` of the target wins). The session:
  // UTC, ISO dates, no statement timeout, application name "daybook", TCP keepalives that find a
  // dead peer within a minute.
  boost::asio::awaitable<SqlResult<void>> open(std::chrono::milliseconds timeout);
  bool is_open() const;  // as of the last call: nobody listens in between
  // Any number of times. The server ends what it was doing when it notices.
  void close();

  // One statement, with $1, $2 … as parameters.
  boost::asio::awaitable<SqlResult<Rows>> execute(std::string sql,
                                                  std::vector<Parameter> parameters = {});
  // Any number of statements without parameters, parted by `;`: all in one transaction. A BEGIN
  // among them leaves it open, together with what stands before it.
  boost::asio::awaitable<SqlResult<void>> run(std::string sql);

  boost::asio::awaitable<SqlResult<void>> prepare(std::string name, std::string sql);
  // All of them in one round trip (pipeline mode), in this order, inside the transaction that is
  // open. The first that fails ends it, and its error is given.
  boost::asio::awaitable<SqlResult<void>> execute_all(std::span<const Execution> executions);

  // COPY … FROM STDIN: begin, put any number of times, end. `put` waits where the server is slower.
  // Where `put` or `end_copy` fails the copy is over.
  boost::asio::awaitable<SqlResult<void>> begin_copy(std::string sql);
  boost::asio::awaitable<SqlResult<void>> put_copy(std::string_view bytes);
  boost::asio::awaitable<SqlResult<void>> end_copy();

  // Who it is connected to, or was last, without a password: "daybook@127.0.0.1:5432/events"; of a
  // Unix socket its folder: "daybook@/run/postgresql:5432/events".
  std::string peer() const;
  // As the server reports it: "server_encoding", "in_hot_standby", "server_version".
  std::string_view server_parameter(const std::string& name) const;

 private:
  struct Session;
  const std::shared_ptr<Session> session_;  // shared with the calls that are under way
};

}  // namespace daybook::postgres
