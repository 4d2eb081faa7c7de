#include "replication/postgres/projection_session.h"

#include "replication/postgres/failures.h"
#include "replication/postgres/page_writer.h"
#include "replication/postgres/schema.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kConnectTimeout{10'000};
constexpr milliseconds kEmptyPagesApart{1000};
constexpr milliseconds kFlushesApart{50};

// So that the server too finds within a minute that we are gone: its session has the lock.
constexpr const char* kKeepalives =
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = 60000";

// So that a statement that takes hours ends soon after we are gone. Not every system can.
constexpr const char* kNoticeOurEnd = "SET client_connection_check_interval = '2s'";

}  // namespace

std::string build_row(const std::string& projection) {
  return projection + "#build";
}

awaitable<Result<std::optional<Checkpoint>>> find_own_checkpoint(Connection& connection,
                                                                 const ProjectionSettings& settings,
                                                                 std::string row) {
  const SqlResult<std::optional<Checkpoint>> found = co_await find_checkpoint(connection, row);
  if (!found && found.error().misses_schema()) co_return std::optional<Checkpoint>();
  if (!found) co_return to_error(found.error());
  if (*found && (*found)->log_id != settings.log_id)
    co_return Error{Errc::bad_value,
                    "the projection \"" + row + "\" in this database is of the log " +
                        (*found)->log_id + ", and this is the log " + settings.log_id +
                        ": use another database, or drop what is there (DROP SCHEMA daybook "
                        "CASCADE) and it is made anew"};
  co_return *found;
}

ProjectionSession::ProjectionSession(const boost::asio::any_io_executor& executor,
                                     ProjectionSettings of, std::string of_row,
                                     std::shared_ptr<ProjectionCounts> shown)
    : settings(std::move(of)),
      row(std::move(of_row)),
      counts(std::move(shown)),
      connection(executor, settings.target) {}

awaitable<Result<void>> ProjectionSession::connect() {
  const SqlResult<void> opened = co_await connection.open(kConnectTimeout);
  if (!opened) co_return to_error(opened.error());
  if (connection.server_parameter("in_hot_standby") == "on" ||
      connection.server_parameter("default_transaction_read_only") == "on")
    co_return Error{Errc::io_failed,
                    "the server is read-only (a standby?): name the primary, or several hosts with "
                    "target_session_attrs=read-write"};
  std::string probes = kKeepalives;
  const SqlResult<void> probed = co_await connection.run(std::move(probes));
  if (!probed) co_return to_error(probed.error());
  std::string notice = kNoticeOurEnd;
  const SqlResult<void> notices = co_await connection.run(std::move(notice));
  if (!notices && !connection.is_open()) co_return to_error(notices.error());
  const SqlResult<void> migrated = co_await migrate(connection);
  if (!migrated) co_return to_error(migrated.error());
  const SqlResult<bool> locked = co_await lock_projection(connection, row);
  if (!locked) co_return to_error(locked.error());
  if (*locked) co_return Result<void>();
  const SqlResult<std::optional<Checkpoint>> theirs = co_await find_checkpoint(connection, row);
  if (!theirs) co_return to_error(theirs.error());
  if (*theirs) another_has_row = true;
  const SqlResult<std::string> holder = co_await find_lock_holder(connection, row);
  if (!holder) co_return to_error(holder.error());
  co_return Error{Errc::standby, "another session posts to \"" + row + "\": " + *holder};
}

awaitable<Result<Offset>> ProjectionSession::begin() {
  const SqlResult<std::optional<Checkpoint>> taken = co_await take_checkpoint(connection, row);
  if (!taken) co_return to_error(taken.error());
  if (!*taken) co_return fenced();
  checkpoint = **taken;
  Result<std::unique_ptr<TableSet>> made = settings.make_tables(checkpoint.definition);
  if (!made) co_return lost(made.error().detail);
  tables = *std::move(made);
  const SqlResult<bool> exists = co_await tables->exists(connection, checkpoint.generation);
  if (!exists) co_return to_error(exists.error());
  if (!*exists) co_return lost("somebody has dropped them");
  const SqlResult<void> begun = co_await tables->begin_session(connection, checkpoint.generation);
  if (!begun) co_return failed(begun.error());
  const SqlResult<void> prepared = co_await begin_failures(connection);
  if (!prepared) co_return to_error(prepared.error());
  const SqlResult<std::uint64_t> failures =
      co_await count_failures(connection, settings.name, checkpoint.generation);
  if (!failures) co_return to_error(failures.error());
  counts->failures = *failures;
  counts->generation = checkpoint.generation;
  tables_are_lost = false;
  committed_ = examined = checkpoint.offset;
  committed_at_ = steady_clock::now();
  co_return examined;
}

awaitable<Result<void>> ProjectionSession::write(const Page& page) {
  if (page.events.empty() && steady_clock::now() - committed_at_ < kEmptyPagesApart) {
    examined = page.examined;
    co_return Result<void>();
  }
  co_return co_await commit(page);
}

awaitable<Result<std::optional<milliseconds>>> ProjectionSession::flush() {
  std::optional<milliseconds> again;
  if (examined == committed_) co_return again;
  const auto left = committed_at_ + kFlushesApart - steady_clock::now();
  if (left > left.zero()) {
    again = std::chrono::ceil<milliseconds>(left);
    co_return again;
  }
  Page nothing;
  nothing.examined = examined;
  const Result<void> committed = co_await commit(nothing);
  if (!committed) co_return committed.error();
  co_return again;
}

awaitable<Result<void>> ProjectionSession::commit(const Page& page) {
  PageWriter writer({.connection = connection,
                     .tables = *tables,
                     .projection = settings.name,
                     .row = row,
                     .generation = checkpoint.generation,
                     .epoch = checkpoint.epoch},
                    page);
  const SqlResult<bool> posted = co_await writer.write();
  if (posted && !*posted) co_return fenced();
  if (!posted) {
    // Where a rebuild was swapped in, the tables are gone because it dropped them.
    const SqlResult<std::optional<Checkpoint>> now = co_await find_checkpoint(connection, row);
    if (!now) co_return to_error(posted.error());
    if (!*now || (*now)->epoch != checkpoint.epoch) co_return fenced();
    // What is missing may be somebody else's, named by a trigger; a column is ours.
    const SqlResult<bool> exists = co_await tables->exists(connection, checkpoint.generation);
    const bool is_ours = exists && (!*exists || posted.error().is("42703"));
    if (!is_ours) co_return to_error(posted.error());
    co_return failed(posted.error());
  }
  counts->failures += writer.failures();
  committed_ = examined = page.examined;
  committed_at_ = steady_clock::now();
  co_return Result<void>();
}

Error ProjectionSession::failed(const SqlError& error) {
  return error.misses_schema() ? lost(error.text) : to_error(error);
}

Error ProjectionSession::lost(const std::string& why) {
  tables_are_lost = true;
  return {Errc::io_failed, "the tables of \"" + settings.name + "\", generation " +
                               std::to_string(checkpoint.generation) +
                               ", cannot be used and are rebuilt: " + why};
}

Error ProjectionSession::fenced() const {
  return {Errc::fenced,
          "another daemon, or a rebuild that is done, has taken \"" + row + "\" over"};
}

}  // namespace daybook::postgres
