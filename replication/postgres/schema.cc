// See schema.h.
#include "replication/postgres/schema.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

// The first: everything that projections share.
//
// `wait_for` has a new snapshot for each of its looks because it is VOLATILE, but who called it in
// the same statement does not. Parameters are named where a column could be meant.
//
// The functions that give NULL instead of an error are written so that PostgreSQL can put their
// bodies into the query that calls them: one expression, IMMUTABLE, and not STRICT. CASE keeps it
// from casting what does not match.
constexpr std::string_view kShared = R"sql(
CREATE TABLE daybook.checkpoints (
  name text PRIMARY KEY,
  log_offset bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  generation integer NOT NULL,
  epoch bigint NOT NULL,
  log_id text NOT NULL,
  definition text NOT NULL
);
COMMENT ON TABLE daybook.checkpoints IS
  'How far each projection has come. Written by the daemon alone.';

CREATE TABLE daybook.failures (
  projection text,
  generation integer,
  log_offset bigint,
  id text NOT NULL,
  reason text NOT NULL,
  original text NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, generation, log_offset)
);
COMMENT ON TABLE daybook.failures IS
  'Events that a projection could not hold, as they were, and why. '
  'daybook projection retry posts them again.';

CREATE FUNCTION daybook.wait_for(log_offset bigint, timeout interval,
                                 projection text DEFAULT 'postgres')
RETURNS boolean LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog AS $$
DECLARE
  deadline CONSTANT timestamptz := clock_timestamp() + timeout;
  pause double precision := 0.002;
BEGIN
  LOOP
    IF EXISTS (SELECT FROM daybook.checkpoints AS c
               WHERE c.name = projection AND c.log_offset >= wait_for.log_offset) THEN
      RETURN true;
    END IF;
    IF clock_timestamp() >= deadline THEN
      RETURN false;
    END IF;
    PERFORM pg_sleep(least(pause, extract(epoch FROM deadline - clock_timestamp())));
    pause := least(2 * pause, 0.05);
  END LOOP;
END $$;
COMMENT ON FUNCTION daybook.wait_for IS
  'Waits until the projection has posted everything up to log_offset; false: the time is over. '
  'Has to be a statement of its own, outside of REPEATABLE READ: the snapshot of a statement that '
  'calls it is older than what was waited for.';

CREATE FUNCTION daybook.uuid_or_null(value text)
RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN value::uuid END
$$;
COMMENT ON FUNCTION daybook.uuid_or_null IS 'The UUID in its usual spelling, or NULL.';

CREATE FUNCTION daybook.int_or_null(value text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value ~ '^-?[0-9]{1,10}$' THEN
    CASE WHEN value::bigint BETWEEN -2147483648 AND 2147483647 THEN value::integer END
  END
$$;
COMMENT ON FUNCTION daybook.int_or_null IS 'The integer, or NULL.';
)sql";

// In the order they are applied; the version is the place, from 1. What was released is never
// changed: what comes later is added.
constexpr std::array kMigrations{kShared};

// An administrator may have made the schema for a user who may not.
constexpr std::string_view kFoundation = R"sql(
DO $$ BEGIN
  IF to_regnamespace('daybook') IS NULL THEN
    CREATE SCHEMA daybook;
  END IF;
  IF to_regclass('daybook.schema_version') IS NULL THEN
    CREATE TABLE daybook.schema_version (
      version integer PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
  END IF;
END $$)sql";

awaitable<SqlResult<std::size_t>> read_version(Connection& connection) {
  std::string sql = "SELECT coalesce(max(version), 0) FROM daybook.schema_version";
  std::vector<Parameter> none;
  const auto rows = co_await connection.execute(std::move(sql), std::move(none));
  if (!rows) co_return rows.error();
  const std::string_view text = rows->at(0, 0).value();
  std::size_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  co_return version;
}

awaitable<SqlResult<void>> bring_up_to_date(Connection& connection) {
  std::string begin = "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('daybook.schema', 0))";
  const auto locked = co_await connection.run(std::move(begin));
  if (!locked) co_return locked.error();
  std::string foundation(kFoundation);
  const auto founded = co_await connection.run(std::move(foundation));
  if (!founded) co_return founded.error();
  const auto version = co_await read_version(connection);
  if (!version) co_return version.error();
  if (*version > kMigrations.size())
    co_return SqlError{"55000", "the schema daybook of " + connection.peer() + " has version " +
                                    std::to_string(*version) +
                                    ", made by a newer Daybook; this one knows " +
                                    std::to_string(kMigrations.size())};
  for (std::size_t i = *version; i < kMigrations.size(); ++i) {
    std::string sql(kMigrations[i]);
    sql += ";INSERT INTO daybook.schema_version (version) VALUES (" + std::to_string(i + 1) + ")";
    const auto migrated = co_await connection.run(std::move(sql));
    if (!migrated) co_return migrated.error();
  }
  std::string commit = "COMMIT";
  co_return co_await connection.run(std::move(commit));
}

// A standby, or a database that is read-only by its settings.
awaitable<SqlResult<bool>> is_read_only(Connection& connection) {
  std::string sql = "SHOW transaction_read_only";
  std::vector<Parameter> none;
  const auto rows = co_await connection.execute(std::move(sql), std::move(none));
  if (!rows) co_return rows.error();
  co_return rows->at(0, 0) == "on";
}

}  // namespace

awaitable<SqlResult<void>> migrate(Connection& connection) {
  const std::string_view encoding = connection.server_parameter("server_encoding");
  if (encoding != "UTF8")
    co_return SqlError{"0A000", "the database of " + connection.peer() + " has the encoding " +
                                    std::string(encoding) + "; Daybook needs UTF8"};
  const auto read_only = co_await is_read_only(connection);
  if (!read_only) co_return read_only.error();
  if (*read_only) co_return SqlError{"25006", connection.peer() + " is read-only: a standby?"};

  auto done = co_await bring_up_to_date(connection);
  if (!done) {
    std::string rollback = "ROLLBACK";
    static_cast<void>(co_await connection.run(std::move(rollback)));
  }
  co_return done;
}

}  // namespace daybook::postgres
