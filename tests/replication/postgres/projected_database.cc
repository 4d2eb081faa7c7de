#include "tests/replication/postgres/projected_database.h"

#include <stdexcept>

#include "replication/postgres/event_tables.h"
#include "replication/postgres/schema.h"
#include "tests/replication/run.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

void must(const SqlResult<void>& done) {
  if (!done) throw std::runtime_error(done.error().text);
}

awaitable<SqlResult<void>> transact(Connection& connection, awaitable<SqlResult<void>> work) {
  std::string begin = "BEGIN";
  const auto begun = co_await connection.run(std::move(begin));
  if (!begun) co_return begun.error();
  const auto done = co_await std::move(work);
  std::string end = done ? "COMMIT" : "ROLLBACK";
  const auto ended = co_await connection.run(std::move(end));
  co_return done ? ended : done;
}

}  // namespace

ProjectedDatabase::ProjectedDatabase(User user) : tables(make_event_tables()) {
  std::string url = server.url(name);
  if (user == User::owner_of_the_schema) {
    sql("CREATE ROLE " + name + "_owner LOGIN");
    sql("CREATE SCHEMA daybook AUTHORIZATION " + name + "_owner");
    url.replace(url.find("postgres@"), 8, name + "_owner");
  }
  sql("ALTER DATABASE " + name + " SET timezone = 'UTC'");
  connection_ = std::make_unique<Connection>(io_.get_executor(), std::move(url));
  must(test::run(io_, connection_->open(std::chrono::seconds(10))));
  must(test::run(io_, migrate(*connection_)));
}

SqlResult<void> ProjectedDatabase::in_transaction(awaitable<SqlResult<void>> work) {
  return test::run(io_, transact(*connection_, std::move(work)));
}

SqlResult<void> ProjectedDatabase::create(Generation generation, bool bare) {
  return in_transaction(tables->create(*connection_, generation, bare));
}

SqlResult<void> ProjectedDatabase::begin_session(Generation generation) {
  return test::run(io_, tables->begin_session(*connection_, generation));
}

SqlResult<void> ProjectedDatabase::post(Generation generation, TableSet::Batch batch) {
  return in_transaction(tables->write(*connection_, generation, batch));
}

SqlResult<void> ProjectedDatabase::complete(Generation generation) {
  return in_transaction(tables->complete(*connection_, generation));
}

SqlResult<void> ProjectedDatabase::show(Generation generation) {
  return in_transaction(tables->show(*connection_, generation));
}

SqlResult<void> ProjectedDatabase::drop(Generation generation) {
  return in_transaction(tables->drop(*connection_, generation));
}

SqlResult<bool> ProjectedDatabase::exists(Generation generation) {
  return test::run(io_, tables->exists(*connection_, generation));
}

std::vector<PostgresServer::Row> ProjectedDatabase::sql(const std::string& text) {
  return server.run_sql(name, text);
}

std::string ProjectedDatabase::value(const std::string& text) {
  return server.value(name, text);
}

EventView event_at(std::uint64_t offset, std::string_view aggregate_id, std::uint64_t sequence) {
  const Timestamp begin = *parse_rfc3339("2026-11-01T00:00:00Z");
  const Timestamp time{begin.micros + static_cast<std::int64_t>(offset) * 1'000'000};
  EventView event;
  event.offset = Offset{offset};
  event.sequence = Sequence{sequence};
  event.id.uuid[15] = static_cast<std::uint8_t>(offset);
  event.id.uuid[14] = static_cast<std::uint8_t>(offset >> 8U);
  event.aggregate_type = "agent";
  event.aggregate_id = aggregate_id;
  event.event_type = "agent.changed";
  event.schema_version = "1";
  event.payload = "{}";
  event.metadata = "{}";
  event.occurred_at = time;
  event.recorded_at = time;
  return event;
}

}  // namespace daybook::postgres
