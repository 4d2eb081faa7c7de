// A connection that a test talks through, one call after the other; and a call that is left under
// way while the test does something to the server.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "replication/postgres/connection.h"
#include "tests/replication/postgres/postgres_server.h"
#include "tests/replication/run.h"

namespace daybook::postgres {

std::string state_of(const auto& result) {
  return result ? "ok" : result.error().state;
}

std::string text_of(const auto& result) {
  return result ? "ok" : result.error().text;
}

class Client {
 public:
  explicit Client(std::string target) : connection(io.get_executor(), std::move(target)) {}

  SqlResult<void> open(std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    return test::run(io, connection.open(timeout));
  }
  SqlResult<Rows> execute(std::string sql, std::vector<Parameter> parameters = {}) {
    return test::run(io, connection.execute(std::move(sql), std::move(parameters)));
  }
  SqlResult<void> run(std::string sql) { return test::run(io, connection.run(std::move(sql))); }
  SqlResult<void> prepare(std::string name, std::string sql) {
    return test::run(io, connection.prepare(std::move(name), std::move(sql)));
  }
  SqlResult<void> execute_all(const std::vector<Execution>& executions) {
    return test::run(io, connection.execute_all(executions));
  }
  SqlResult<void> begin_copy(std::string sql) {
    return test::run(io, connection.begin_copy(std::move(sql)));
  }
  SqlResult<void> put_copy(std::string_view bytes) {
    return test::run(io, connection.put_copy(bytes));
  }
  SqlResult<void> end_copy() { return test::run(io, connection.end_copy()); }

  // The one value of one row, or "NULL", or the error's text.
  std::string value(std::string sql, std::vector<Parameter> parameters = {}) {
    const auto rows = execute(std::move(sql), std::move(parameters));
    return rows ? std::string(rows->at(0, 0).value_or("NULL")) : text_of(rows);
  }

  boost::asio::io_context io;
  Connection connection;
};

// A call that has begun. What it refers to has to outlive it.
template <class T>
class Pending {
 public:
  Pending(Client& client, boost::asio::awaitable<T> work) : io_(client.io) {
    boost::asio::co_spawn(io_, test::keep(std::move(work), result_), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    run_for(std::chrono::milliseconds(1));
  }

  // Whether it is done after so long.
  bool run_for(std::chrono::milliseconds time) {
    io_.restart();
    const auto end = std::chrono::steady_clock::now() + time;
    while (!result_ && io_.run_one_until(end) > 0) continue;
    return result_.has_value();
  }
  T finish() {
    if (!run_for(std::chrono::minutes(1))) throw std::runtime_error("a call does not end");
    return std::move(*result_);
  }

 private:
  boost::asio::io_context& io_;
  std::optional<T> result_;
};

// The call goes on until a backend of the server waits for `event` (pg_stat_activity).
template <class T>
void run_until_waiting(Pending<T>& call, const PostgresServer& server, const std::string& event) {
  const std::string sql =
      "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = '" + event + "'";
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (server.value("postgres", sql) != "t") {
    if (call.run_for(std::chrono::milliseconds(10))) throw std::runtime_error("it does not wait");
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody waits: " + event);
  }
}

}  // namespace daybook::postgres
