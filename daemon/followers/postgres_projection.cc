#include "daemon/followers/postgres_projection.h"

#include <algorithm>

#include "daemon/followers/log_feed.h"
#include "replication/postgres/operator.h"
#include "replication/postgres/target.h"

namespace daybook {

PostgresProjection::PostgresProjection(IoThread& thread, LogPort& log, Settings settings,
                                       std::function<void()> follows)
    : Projection(thread, log, settings.sink.name,
                 {.make_sink = [this] { return make_live_sink(); }, .follows = std::move(follows)}),
      executor_(thread.context().get_executor()),
      log_(log),
      kind_(settings.kind),
      is_configured_(settings.is_configured),
      counts_(std::make_shared<postgres::ProjectionCounts>()),
      build_(std::make_shared<RunningFollower>(
          thread, log, settings.sink.name + "#build",
          // The one that posts is fenced by then, and goes on in the new tables.
          RunningFollower::Owner{.make_sink = [this] { return make_build_sink(); },
                                 .finished = [this] { live()->reopen(); }})),
      settings_(std::move(settings.sink)) {}

ProjectionInfo PostgresProjection::info() const {
  ProjectionInfo info = Projection::info();
  const postgres::ProjectionSettings current = settings();
  info.kind = kind_;
  info.target = postgres::masked_target(current.target).value_or(current.target);
  info.failed_events = counts_->failures.load();
  info.generation = counts_->generation.load();
  info.build = build_->state();
  if (kind_ == ProjectionKind::read_model) info.definition = current.definition;
  return info;
}

postgres::ProjectionSettings PostgresProjection::settings() const {
  const std::scoped_lock lock(mutex_);
  return settings_;
}

std::string PostgresProjection::definition() const {
  return settings().definition;
}

void PostgresProjection::start() {
  is_stopped_ = false;
  Projection::start();
}

void PostgresProjection::stop() {
  is_stopped_ = true;
  build_->stop();
  Projection::stop();
}

Awaitable<void> PostgresProjection::ended() {
  co_await build_->ended();
  co_await live()->ended();
}

void PostgresProjection::build() {
  if (!is_stopped_) build_->start();
}

void PostgresProjection::pause(bool paused) {
  build_->pause(paused);
  Projection::pause(paused);
}

void PostgresProjection::change(std::string postgres::ProjectionSettings::*setting,
                                std::string value) {
  const bool runs = !is_stopped_;
  stop();
  {
    const std::scoped_lock lock(mutex_);
    settings_.*setting = std::move(value);
  }
  if (runs) start();  // Else somebody waits for its end.
}

void PostgresProjection::change_target(std::string target) {
  const bool builds = build_->state().has_value();
  change(&postgres::ProjectionSettings::target, std::move(target));
  if (builds) build();  // Also one that nothing in the database tells of yet.
}

void PostgresProjection::change_definition(std::string definition) {
  change(&postgres::ProjectionSettings::definition, std::move(definition));
}

std::unique_ptr<Sink> PostgresProjection::make_live_sink() {
  return std::make_unique<postgres::LiveSink>(executor_, settings(), counts_, [this] { build(); });
}

std::unique_ptr<Sink> PostgresProjection::make_build_sink() {
  return std::make_unique<postgres::BuildSink>(executor_, settings(), counts_);
}

Awaitable<Result<ProjectionFailures>> PostgresProjection::failures(Ptr self, Offset after,
                                                                   std::uint32_t limit) {
  auto asked = postgres::list_failures(self->executor_, self->settings(), after, limit);
  co_return co_await std::move(asked);
}

Awaitable<Result<ProjectionRetried>> PostgresProjection::retry(Ptr self,
                                                               std::vector<Offset> offsets) {
  LogFeed feed(self->thread(), self->log_);
  auto asked =
      postgres::retry_failures(self->executor_, self->settings(), feed, std::move(offsets));
  auto retried = co_await std::move(asked);
  if (retried) self->counts_->failures -= std::min(retried->posted, self->counts_->failures.load());
  co_return retried;
}

Awaitable<Result<void>> PostgresProjection::drop(Ptr self) {
  auto asked = postgres::drop_projection(self->executor_, self->settings());
  co_return co_await std::move(asked);
}

}  // namespace daybook
