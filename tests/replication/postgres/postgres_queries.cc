#include <libpq-fe.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "tests/replication/postgres/postgres_server.h"

namespace daybook::postgres {

std::string PostgresServer::url(const std::string& database) const {
  const std::string user =
      settings_.password.empty() ? "postgres" : "postgres:" + settings_.password;
  return "postgresql://" + user + "@127.0.0.1:" + std::to_string(port_) + '/' + database;
}

std::string PostgresServer::socket_url(const std::string& database) const {
  return "postgresql://postgres@/" + database + "?host=" + folder_.string() +
         "&port=" + std::to_string(port_);
}

std::string PostgresServer::log() const {
  std::ostringstream text;
  text << std::ifstream(folder_ / "log").rdbuf();
  return text.str();
}

std::string PostgresServer::create_database() {
  std::string name = "test" + std::to_string(++databases_);
  run_sql("postgres", "CREATE DATABASE " + name);
  return name;
}

std::vector<PostgresServer::Row> PostgresServer::run_sql(const std::string& database,
                                                         const std::string& sql) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(socket_url(database).c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (int r = 0; r < PQntuples(result.get()); ++r)
    for (int c = 0; c < PQnfields(result.get()); ++c)
      rows[static_cast<std::size_t>(r)].push_back(
          PQgetisnull(result.get(), r, c) != 0 ? "NULL" : PQgetvalue(result.get(), r, c));
  return rows;
}

std::string PostgresServer::value(const std::string& database, const std::string& sql) const {
  const auto rows = run_sql(database, sql);
  if (rows.size() != 1 || rows[0].size() != 1) throw std::runtime_error("not one value: " + sql);
  return rows[0][0];
}

}  // namespace daybook::postgres
