// A closed loop over libpq: every connection has one prepared INSERT under way.
#include "bench/load/postgres.h"

#include <libpq-fe.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/socket.h"

namespace daybook::load {
namespace {

constexpr const char* kTable = R"(
CREATE TABLE IF NOT EXISTS events (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  event_type VARCHAR(255) NOT NULL,
  aggregate_type VARCHAR(100) NOT NULL,
  aggregate_id UUID NOT NULL,
  payload JSONB NOT NULL,
  metadata JSONB DEFAULT '{}',
  created_at TIMESTAMP DEFAULT NOW(),
  version INTEGER DEFAULT 1);
CREATE INDEX IF NOT EXISTS idx_events_aggregate ON events (aggregate_type, aggregate_id);
CREATE INDEX IF NOT EXISTS idx_events_type ON events (event_type);
CREATE INDEX IF NOT EXISTS idx_events_created ON events (created_at);
TRUNCATE events;
CHECKPOINT)";
constexpr const char* kInsert =
    "INSERT INTO events (event_type, aggregate_type, aggregate_id, payload, metadata) "
    "VALUES ($1, $2, $3, $4, '{}') RETURNING id, created_at";

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, CloseConnection>;
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

Handle connect(const std::string& conninfo) {
  Handle handle(PQconnectdb(conninfo.c_str()));
  if (PQstatus(handle.get()) != CONNECTION_OK)
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(handle.get()));
  return handle;
}

void expect(PGconn* connection, const Answer& answer, ExecStatusType status) {
  if (PQresultStatus(answer.get()) != status)
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection));
}

struct Session {
  Handle handle;
  std::int64_t begun = 0;  // 0: nothing under way
};

void insert_next(Session& session, Corpus& corpus) {
  const Columns columns = Corpus::columns(corpus.take(1));
  const std::array<std::string, 4> text = {
      std::string(columns.event_type), std::string(columns.aggregate_type),
      std::string(columns.aggregate_id), std::string(columns.payload)};
  const std::array<const char*, 4> values = {text[0].c_str(), text[1].c_str(), text[2].c_str(),
                                             text[3].c_str()};
  if (PQsendQueryPrepared(session.handle.get(), "append", 4, values.data(), nullptr, nullptr, 0) !=
      1)
    throw std::runtime_error(PQerrorMessage(session.handle.get()));
  session.begun = now_ns();
}

std::vector<Session> open_sessions(const PostgresOptions& options, Poller& poller) {
  std::vector<Session> sessions(options.connections);
  for (Session& session : sessions) {
    session.handle = connect(options.conninfo);
    PGconn* raw = session.handle.get();
    expect(raw, Answer(PQprepare(raw, "append", kInsert, 4, nullptr)), PGRES_COMMAND_OK);
    poller.watch_level(PQsocket(raw), &session, EPOLLIN);
  }
  return sessions;
}

// Takes what has arrived; true where the whole answer is there.
bool hear(Session& session, Tally& tally) {
  PGconn* raw = session.handle.get();
  if (PQconsumeInput(raw) != 1) throw std::runtime_error(PQerrorMessage(raw));
  while (PQisBusy(raw) == 0) {
    const Answer answer(PQgetResult(raw));
    if (!answer) return true;
    const bool ok = PQresultStatus(answer.get()) == PGRES_TUPLES_OK;
    if (!ok) tally.failed(PQerrorMessage(raw));
    tally.answered(session.begun, now_ns(), ok);
  }
  return false;
}

}  // namespace

void prepare_postgres(const std::string& conninfo) {
  const Handle handle = connect(conninfo);
  expect(handle.get(), Answer(PQexec(handle.get(), kTable)), PGRES_COMMAND_OK);
}

Measured drive_postgres(const PostgresOptions& options, Corpus& corpus) {
  Poller poller;
  std::vector<Session> sessions = open_sessions(options, poller);
  Tally tally(options.bounds, 1);
  std::size_t busy = 0;
  for (Session& session : sessions) {
    if (!tally.may_send(now_ns())) break;
    insert_next(session, corpus);
    tally.sent();
    ++busy;
  }
  while (busy > 0 && !asked_to_stop()) {
    for (const epoll_event& event : poller.wait(kSecondNs / 10)) {
      Session& session = *static_cast<Session*>(event.data.ptr);
      if (!hear(session, tally)) continue;
      --busy;
      if (!tally.may_send(now_ns())) continue;
      insert_next(session, corpus);
      tally.sent();
      ++busy;
    }
  }
  return tally.finish(now_ns());
}

}  // namespace daybook::load
