// See event_tables.h.
#include "replication/postgres/event_tables.h"

#include <string>
#include <utility>

#include "protocol/json/values.h"
#include "replication/postgres/aggregate_heads.h"
#include "replication/postgres/copy_rows.h"
#include "replication/postgres/event_tables_sql.h"
#include "replication/postgres/jsonb_rules.h"
#include "replication/postgres/partitions.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

constexpr std::uint16_t kColumns = 15;

// The prepared statement.
std::string upsert_name(Generation generation) {
  return "daybook_aggregates_g" + std::to_string(generation);
}

void append_event(CopyRows& rows, const EventView& event) {
  rows.row(kColumns);
  rows.int8(event.offset.value);
  rows.text(event.id);
  rows.text(event.aggregate_type);
  rows.text(event.aggregate_id);
  rows.int8(event.sequence.value);
  rows.text(event.event_type);
  // JSON text: 1 or "2.0".
  const std::string_view version = event.schema_version;
  if (version.starts_with('"'))
    rows.text(json::decode_inside(version.substr(1, version.size() - 2)));
  else
    rows.text(version);
  rows.text_array(event.tags);
  rows.text_or_null(event.correlation_id);
  rows.text_or_null(event.causation_id);
  rows.jsonb(event.payload);
  rows.jsonb(event.metadata);
  rows.timestamptz(event.occurred_at);
  rows.timestamptz(event.recorded_at);
  rows.text(event.id_space);
}

// Pieces are sent while the rest is encoded, so that the server works meanwhile.
awaitable<SqlResult<void>> copy_events(Connection& connection, std::string table,
                                       std::span<const EventView> events) {
  std::string sql = "COPY " + table + " FROM STDIN (FORMAT binary)";
  const auto begun = co_await connection.begin_copy(std::move(sql));
  if (!begun) co_return begun.error();
  CopyRows rows;
  for (const EventView& event : events) {
    append_event(rows, event);
    if (!rows.has_piece()) continue;
    const std::string_view piece = rows.bytes();
    const auto put = co_await connection.put_copy(piece);
    if (!put) co_return put.error();
    rows.clear();
  }
  rows.trailer();
  const std::string_view rest = rows.bytes();
  const auto put = co_await connection.put_copy(rest);
  if (!put) co_return put.error();
  co_return co_await connection.end_copy();
}

class EventTables final : public TableSet {
 public:
  Filter filter() const override { return {}; }

  awaitable<SqlResult<bool>> exists(Connection& connection, Generation generation) override {
    return ask(connection, "SELECT to_regclass('" + events_table(generation) +
                               "') IS NOT NULL AND to_regclass('" + heads_table(generation) +
                               "') IS NOT NULL");
  }

  awaitable<SqlResult<void>> create(Connection& connection, Generation generation,
                                    bool bare) override {
    const std::string events = events_table(generation);
    std::string sql = create_events_sql(events) + create_heads_sql(heads_table(generation));
    if (!bare) sql += create_indexes_sql(events);
    return connection.run(std::move(sql));
  }

  awaitable<SqlResult<void>> begin_session(Connection& connection, Generation generation) override {
    return connection.prepare(upsert_name(generation), upsert_heads_sql(heads_table(generation)));
  }

  std::string refusal(const EventView& event) const override {
    if (std::string why = jsonb_refusal(event.payload); !why.empty()) return "payload: " + why;
    if (std::string why = jsonb_refusal(event.metadata); !why.empty()) return "metadata: " + why;
    return {};
  }

  awaitable<SqlResult<void>> write(Connection& connection, Generation generation,
                                   Batch batch) override {
    const std::string table = events_table(generation);
    if (!batch.events.empty()) {
      std::vector<Month> months = months_of(batch.events);
      const auto made = co_await make_partitions(connection, table, std::move(months));
      if (!made) co_return made.error();
      const auto copied = co_await copy_events(connection, table, batch.events);
      if (!copied) co_return copied.error();
    }
    const std::string upsert = upsert_name(generation);
    const Execution heads{upsert, heads_of(batch.events, batch.refused)};
    const std::span<const Execution> executions(&heads, 1);
    co_return co_await connection.execute_all(executions);
  }

  // Once is enough: whoever is not sure calls it again.
  awaitable<SqlResult<void>> complete(Connection& connection, Generation generation) override {
    const std::string table = events_table(generation);
    std::string question =
        "SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = '" + table + "'::regclass)";
    const auto has_indexes = co_await ask(connection, std::move(question));
    if (!has_indexes) co_return has_indexes.error();
    // Autovacuum never looks at a table that has partitions, only at these.
    std::string sql = *has_indexes ? std::string() : create_indexes_sql(table);
    sql += "ANALYZE " + table;
    co_return co_await connection.run(std::move(sql));
  }

  awaitable<SqlResult<void>> show(Connection& connection, Generation generation) override {
    return connection.run(show_sql(generation));
  }

  awaitable<SqlResult<void>> drop(Connection& connection, Generation generation) override {
    return connection.run(drop_sql(generation));
  }

 private:
  // A question that is answered by one row with one boolean.
  static awaitable<SqlResult<bool>> ask(Connection& connection, std::string sql) {
    std::vector<Parameter> none;
    const auto rows = co_await connection.execute(std::move(sql), std::move(none));
    if (!rows) co_return rows.error();
    co_return rows->at(0, 0) == "t";
  }
};

}  // namespace

std::unique_ptr<TableSet> make_event_tables() {
  return std::make_unique<EventTables>();
}

}  // namespace daybook::postgres
