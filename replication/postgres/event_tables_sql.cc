// See event_tables_sql.h.
#include "replication/postgres/event_tables_sql.h"

#include <string_view>

namespace daybook::postgres {
namespace {

// `mcp_documents.events` is the Platform's table, or a view with its columns. It reads
// `daybook.events`, so a new generation does not concern it; it is made where nothing has its name
// and the user may make it.
constexpr std::string_view kShowPlatform = R"sql(
DO $do$ BEGIN
  IF to_regnamespace('mcp_documents') IS NULL THEN
    CREATE SCHEMA mcp_documents;
  END IF;
  IF to_regclass('mcp_documents.events') IS NULL THEN
    CREATE VIEW mcp_documents.events AS SELECT
      daybook.uuid_or_null(id) AS id,
      event_type::varchar(255) AS event_type,
      aggregate_type::varchar(100) AS aggregate_type,
      daybook.uuid_or_null(aggregate_id) AS aggregate_id,
      payload,
      metadata,
      recorded_at AT TIME ZONE 'UTC' AS created_at,
      coalesce(daybook.int_or_null(substring(schema_version FROM '^0*([1-9][0-9]*)')), 1)
        AS version
    FROM daybook.events;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $do$)sql";

}  // namespace

std::string events_table(Generation generation) {
  return "daybook.events_g" + std::to_string(generation);
}

std::string heads_table(Generation generation) {
  return "daybook.aggregates_g" + std::to_string(generation);
}

// Texts sort by their bytes, as the log's own lists do: so a prefix (LIKE 'agent.%') is found in an
// index, and no index is broken by a new version of the system's locales.
std::string create_events_sql(const std::string& table) {
  return "CREATE TABLE " + table + R"sql( (
  log_offset bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  aggregate_type text COLLATE "C" NOT NULL,
  aggregate_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  event_type text COLLATE "C" NOT NULL,
  schema_version text COLLATE "C" NOT NULL,
  tags text[] COLLATE "C" NOT NULL,
  correlation_id text COLLATE "C",
  causation_id text COLLATE "C",
  payload jsonb NOT NULL,
  metadata jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  id_space text COLLATE "C" NOT NULL
) PARTITION BY RANGE (recorded_at);)sql";
}

// Rows come in the order of `recorded_at`, so a few numbers for each MiB of the table (BRIN) find a
// time as well as an entry for each row would. Entries of tags are made at once (no `fastupdate`):
// for whole pages that is faster, and no query has to search a list of those that are pending.
std::string create_indexes_sql(const std::string& table) {
  const std::string on = "CREATE INDEX ON " + table;
  return "ALTER TABLE " + table + " ADD PRIMARY KEY (log_offset, recorded_at);" +  //
         on + " (aggregate_type, aggregate_id, sequence);" +                       //
         on + " (event_type, log_offset);" +                                       //
         on + " (id);" +                                                           //
         on + " (correlation_id) WHERE correlation_id IS NOT NULL;" +              //
         on + " (causation_id) WHERE causation_id IS NOT NULL;" +                  //
         on + " USING brin (recorded_at) WITH (autosummarize = on);" +             //
         on + " USING gin (tags) WITH (fastupdate = off);";
}

std::string show_sql(Generation generation) {
  return "CREATE OR REPLACE VIEW daybook.events AS SELECT log_offset, id, aggregate_type,"
         " aggregate_id, sequence, event_type, schema_version, tags, correlation_id, causation_id,"
         " payload, metadata, occurred_at, recorded_at, id_space FROM " +
         events_table(generation) +
         ";CREATE OR REPLACE VIEW daybook.aggregates AS SELECT aggregate_type, aggregate_id, head,"
         " first_recorded_at, last_recorded_at, head AS event_count FROM " +
         heads_table(generation) + ";" + std::string(kShowPlatform);
}

std::string drop_sql(Generation generation) {
  const std::string events = events_table(generation);
  return R"sql(
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
             WHERE ev_class = to_regclass('daybook.events')
               AND refobjid = to_regclass(')sql" +
         events + R"sql(')) THEN
    IF EXISTS (SELECT FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
               JOIN pg_class ON pg_class.oid = ev_class
               WHERE relnamespace = to_regnamespace('mcp_documents') AND relname = 'events'
                 AND refobjid = to_regclass('daybook.events')) THEN
      DROP VIEW mcp_documents.events;
    END IF;
    DROP VIEW IF EXISTS daybook.events, daybook.aggregates;
  END IF;
END $do$;
DROP TABLE IF EXISTS )sql" +
         events + ", " + heads_table(generation);
}

}  // namespace daybook::postgres
