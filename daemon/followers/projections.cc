#include "daemon/followers/projections.h"

#include "daemon/backend/lag.h"
#include "daemon/followers/on_thread.h"
#include "daemon/log/log.h"

namespace daybook {
namespace {

using FollowerPtr = std::shared_ptr<Projection>;
using PostgresPtr = PostgresProjection::Ptr;

Error unknown(const std::string& name) {
  return {Errc::not_found, "there is no projection \"" + name + "\""};
}

// On the thread of the projection.
Awaitable<Result<void>> do_pause(FollowerPtr projection, bool paused) {
  projection->pause(paused);
  co_return Result<void>();
}

Awaitable<Result<void>> do_build(PostgresPtr projection) {
  projection->build();
  co_return Result<void>();
}

}  // namespace

std::vector<ProjectionInfo> Projections::list() const {
  std::vector<ProjectionInfo> all = followers_.list();
  for (ProjectionInfo& info : all) {
    info.head = store_.committed();
    if (const auto checkpoint = info.follower.checkpoint)
      info.lag_seconds = lag_seconds_at_least(store_.window(), *checkpoint);
  }
  return all;
}

Awaitable<Result<ProjectionInfo>> Projections::find(std::string name) {
  for (ProjectionInfo& info : followers_.list()) {
    if (info.follower.name != name) continue;
    info.head = store_.committed();
    if (const auto checkpoint = info.follower.checkpoint)
      info.lag_seconds = co_await lag_seconds(store_, readers_, *checkpoint);
    co_return std::move(info);
  }
  co_return unknown(name);
}

Result<FollowerPtr> Projections::follower(const std::string& name) const {
  auto found = followers_.find(name);
  if (found) return found;
  if (name != kIngestName) return unknown(name);
  return Error{Errc::wrong_mode, "\"" + name + "\" takes messages in, it posts nothing"};
}

Result<PostgresPtr> Projections::in_postgres(const std::string& name) const {
  const auto found = follower(name);
  if (!found) return found.error();
  auto projection = std::dynamic_pointer_cast<PostgresProjection>(*found);
  if (projection) return projection;
  return Error{
      Errc::wrong_mode,
      "\"" + name + "\" has no tables: nothing to rebuild, and nothing that fails for good"};
}

Result<PostgresFollowers*> Projections::postgres() const {
  if (PostgresFollowers* const postgres = followers_.postgres()) return postgres;
  return Error{Errc::wrong_mode, "read models need PostgreSQL: set postgres.url"};
}

// On the thread of PostgreSQL.
template <class T>
Awaitable<T> Projections::ask(Awaitable<T> task) {
  PostgresFollowers& postgres = *followers_.postgres();
  auto ended = postgres.stopping().or_stop(std::move(task));
  co_return co_await on_thread(postgres.thread(), std::move(ended));
}

Awaitable<Result<void>> Projections::reach(std::string name, Offset offset,
                                           std::chrono::milliseconds wait) {
  const auto projection = follower(name);
  if (!projection) co_return projection.error();
  const bool reached = co_await (*projection)->live()->reach(offset, wait);
  if (reached) co_return Result<void>();
  const FollowerState state = (*projection)->info().follower;
  std::string detail =
      "the projection \"" + name + "\" has not reached offset " + std::to_string(offset.value);
  if (state.checkpoint) detail += ": it is at " + std::to_string(state.checkpoint->value);
  if (!state.trouble.empty()) detail += "; " + state.trouble;
  co_return Error{Errc::not_yet, std::move(detail)};
}

Awaitable<Result<ProjectionInfo>> Projections::rebuild(std::string name) {
  const auto projection = in_postgres(name);
  if (!projection) co_return projection.error();
  auto build = do_build(*projection);
  const auto begun = co_await on_thread((*projection)->thread(), std::move(build));
  if (!begun) co_return begun.error();
  log::info("projection_rebuild", {{"projection", name}});
  co_return co_await find(std::move(name));
}

Awaitable<Result<ProjectionInfo>> Projections::pause(std::string name, bool paused) {
  const auto projection = follower(name);
  if (!projection) co_return projection.error();
  auto pause = do_pause(*projection, paused);
  const auto done = co_await on_thread((*projection)->thread(), std::move(pause));
  if (!done) co_return done.error();
  co_return co_await find(std::move(name));
}

Awaitable<Result<ProjectionFailures>> Projections::failures(ListFailures list) {
  const auto projection = in_postgres(list.name);
  if (!projection) co_return projection.error();
  auto asked = PostgresProjection::failures(*projection, list.after, list.limit);
  co_return co_await ask(std::move(asked));
}

Awaitable<Result<ProjectionRetried>> Projections::retry(std::string name,
                                                        std::vector<Offset> offsets) {
  const auto projection = in_postgres(name);
  if (!projection) co_return projection.error();
  auto asked = PostgresProjection::retry(*projection, std::move(offsets));
  co_return co_await ask(std::move(asked));
}

Awaitable<Result<ProjectionPort::Put>> Projections::put(std::string name, std::string definition) {
  const auto followers = postgres();
  if (!followers) co_return followers.error();
  auto asked = (*followers)->put(name, std::move(definition));
  const auto created = co_await ask(std::move(asked));
  if (!created) co_return created.error();
  auto info = co_await find(std::move(name));
  if (!info) co_return info.error();
  Put put{.projection = *std::move(info), .created = *created};
  co_return put;
}

Awaitable<Result<void>> Projections::remove(std::string name) {
  const auto projection = in_postgres(name);
  if (!projection) co_return projection.error();
  auto asked = followers_.postgres()->remove(std::move(name));
  co_return co_await ask(std::move(asked));
}

}  // namespace daybook
