#include "replication/postgres/failures.h"

#include "protocol/json/write_event.h"
#include "replication/postgres/row_values.h"
#include "storage/base/limits.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

constexpr std::string_view kRecord = "daybook_record_failure";

// PostgreSQL's text holds every character but this one.
std::string without_nul(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c == '\0')
      out += "\u2400";
    else
      out += c;
  return out;
}

}  // namespace

ProjectionFailure make_failure(const EventView& event, std::string reason) {
  ProjectionFailure failure{.offset = event.offset,
                            .id = without_nul(event.id.to_string()),
                            .reason = without_nul(reason)};
  json::append_event(failure.original, event);
  return failure;
}

awaitable<SqlResult<void>> begin_failures(Connection& connection) {
  std::string name(kRecord);
  std::string sql =
      "INSERT INTO daybook.failures "
      "(projection, generation, log_offset, id, reason, original, failed_at) "
      "VALUES ($1, $2::int, $3::bigint, $4, $5, $6, now()) "
      "ON CONFLICT (projection, generation, log_offset) "
      "DO UPDATE SET reason = excluded.reason, failed_at = excluded.failed_at";
  return connection.prepare(std::move(name), std::move(sql));
}

awaitable<SqlResult<void>> record_failures(Connection& connection, std::string projection,
                                           Generation generation,
                                           std::vector<ProjectionFailure> failures) {
  std::vector<Execution> executions;
  executions.reserve(failures.size());
  for (ProjectionFailure& failure : failures) {
    std::vector<Parameter> parameters{projection,
                                      std::to_string(generation),
                                      to_bigint(failure.offset),
                                      std::move(failure.id),
                                      std::move(failure.reason),
                                      std::move(failure.original)};
    executions.push_back({kRecord, std::move(parameters)});
  }
  const std::span<const Execution> all(executions);
  co_return co_await connection.execute_all(all);
}

awaitable<SqlResult<std::uint64_t>> count_failures(Connection& connection, std::string projection,
                                                   Generation generation) {
  std::string sql =
      "SELECT count(*) FROM daybook.failures WHERE projection = $1 AND generation = $2::int";
  std::vector<Parameter> parameters{std::move(projection), std::to_string(generation)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return number_at<std::uint64_t>(*rows, 0, 0);
}

awaitable<SqlResult<std::vector<ProjectionFailure>>> read_failures(Connection& connection,
                                                                   std::string projection,
                                                                   Generation generation,
                                                                   Offset after,
                                                                   std::uint32_t limit) {
  std::string sql =
      "SELECT log_offset, id, reason, original, (extract(epoch FROM failed_at) * 1000000)::bigint "
      "FROM (SELECT *, sum(octet_length(original)) OVER (ORDER BY log_offset) - "
      "octet_length(original) AS "
      "before "
      "FROM daybook.failures "
      "WHERE projection = $1 AND generation = $2::int AND log_offset > $3::bigint "
      "ORDER BY log_offset LIMIT $4::bigint) AS page "
      "WHERE before < " +
      std::to_string(limits::page_bytes_max) + " ORDER BY log_offset";
  std::vector<Parameter> parameters{std::move(projection), std::to_string(generation),
                                    to_bigint(after), std::to_string(limit)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  std::vector<ProjectionFailure> failures;
  for (std::size_t i = 0; i < rows->size(); ++i)
    failures.push_back({.offset = Offset{number_at<std::uint64_t>(*rows, i, 0)},
                        .id = text_at(*rows, i, 1),
                        .reason = text_at(*rows, i, 2),
                        .original = text_at(*rows, i, 3),
                        .failed_at = Timestamp{number_at<std::int64_t>(*rows, i, 4)}});
  co_return failures;
}

awaitable<SqlResult<bool>> delete_failure(Connection& connection, std::string projection,
                                          Generation generation, Offset offset) {
  std::string sql =
      "DELETE FROM daybook.failures "
      "WHERE projection = $1 AND generation = $2::int AND log_offset = $3::bigint";
  std::vector<Parameter> parameters{std::move(projection), std::to_string(generation),
                                    to_bigint(offset)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return rows->affected() == 1;
}

awaitable<SqlResult<bool>> renew_failure(Connection& connection, std::string projection,
                                         Generation generation, Offset offset, std::string reason) {
  std::string sql =
      "UPDATE daybook.failures SET reason = $4, failed_at = now() "
      "WHERE projection = $1 AND generation = $2::int AND log_offset = $3::bigint";
  std::vector<Parameter> parameters{std::move(projection), std::to_string(generation),
                                    to_bigint(offset), without_nul(reason)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return rows->affected() == 1;
}

awaitable<SqlResult<void>> keep_failures_of(Connection& connection, std::string projection,
                                            Generation generation) {
  std::string sql = "DELETE FROM daybook.failures WHERE projection = $1 AND generation <> $2::int";
  std::vector<Parameter> parameters{std::move(projection), std::to_string(generation)};
  const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  co_return SqlResult<void>();
}

}  // namespace daybook::postgres
