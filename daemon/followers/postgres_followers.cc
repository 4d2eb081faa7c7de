#include "daemon/followers/postgres_followers.h"

#include <boost/asio/post.hpp>

#include "daemon/log/log.h"
#include "daemon/net/spawn.h"
#include "protocol/json/read_projection.h"
#include "protocol/json/write_projection.h"
#include "replication/postgres/event_tables.h"
#include "replication/postgres/kept_projections.h"
#include "replication/postgres/read_model.h"

namespace daybook {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kBeginWithin{10};
constexpr std::chrono::milliseconds kBeginStep{100};
constexpr const char* kEvents = "postgres";

Result<std::unique_ptr<postgres::TableSet>> make_events(const std::string& definition) {
  if (definition != postgres::kEventTablesDefinition)
    return Error{Errc::bad_value, "the tables of events are \"" + definition +
                                      "\", which this version cannot write"};
  return postgres::make_event_tables();
}

// Until it has a place in the database, and survives the daemon; else why it has none. A standby is
// waited for: most likely it is our own session before, which the server has not ended yet.
Awaitable<Result<void>> has_begun(std::shared_ptr<RunningFollower> follower) {
  const auto deadline = std::chrono::steady_clock::now() + kBeginWithin;
  FollowerState state;
  do {
    const bool begun = co_await follower->reach(Offset{0}, kBeginStep);
    if (begun) co_return Result<void>();
    state = follower->state().value_or(FollowerState{});
    if (state.phase == FollowerPhase::paused)
      co_return Error{Errc::io_failed, "the projection is paused: resume it first"};
  } while (state.phase != FollowerPhase::failing && std::chrono::steady_clock::now() < deadline);
  if (state.trouble.empty()) state.trouble = "PostgreSQL has not answered within 10 seconds";
  co_return Error{Errc::io_failed,
                  state.trouble + "; should it have begun nonetheless, the next start takes it up"};
}

}  // namespace

PostgresFollowers::PostgresFollowers(LogPort& log, Settings settings)
    : log_(log), settings_(std::move(settings)) {
  add({.kind = ProjectionKind::postgres,
       .is_configured = true,
       .sink = {.name = kEvents,
                .definition = std::string(postgres::kEventTablesDefinition),
                .make_tables = make_events}});
  for (const ReadModel& model : settings_.declared) add(model, true);
}

PostgresFollowers::~PostgresFollowers() {
  thread_.stop();
  thread_.join();
}

void PostgresFollowers::start() {
  asio::post(thread_.context(), [this] {
    for (const Ptr& projection : all()) projection->start();
  });
  thread_.start();
}

void PostgresFollowers::change_target(std::string target) {
  asio::post(thread_.context(), [this, target = std::move(target)]() mutable {
    settings_.target = std::move(target);
    looked_ = false;
    for (const Ptr& projection : all()) projection->change_target(settings_.target);
  });
}

void PostgresFollowers::stop() {
  asio::post(thread_.context(), [this] {
    stopping_.stop();
    for (const Ptr& projection : all()) projection->stop();
  });
}

std::vector<PostgresFollowers::Ptr> PostgresFollowers::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Ptr> all;
  for (const auto& [name, projection] : projections_) all.push_back(projection);
  return all;
}

PostgresFollowers::Ptr PostgresFollowers::find(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = projections_.find(name);
  return found == projections_.end() ? nullptr : found->second;
}

PostgresFollowers::Ptr PostgresFollowers::add(PostgresProjection::Settings settings) {
  settings.sink.target = settings_.target;
  settings.sink.log_id = settings_.log_id;
  settings.sink.page_events = settings_.page_events;
  std::string name = settings.sink.name;
  const auto projection = std::make_shared<PostgresProjection>(thread_, log_, std::move(settings),
                                                               [this] { look_around(); });
  const std::scoped_lock lock(mutex_);
  projections_.emplace(std::move(name), projection);
  return projection;
}

PostgresFollowers::Ptr PostgresFollowers::add(const ReadModel& model, bool is_configured) {
  return add({.kind = ProjectionKind::read_model,
              .is_configured = is_configured,
              .sink = {.name = model.name,
                       .definition = json::write_projection(model),
                       .make_tables = postgres::make_read_model}});
}

void PostgresFollowers::erase(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  projections_.erase(name);
}

void PostgresFollowers::look_around() {
  if (std::exchange(looked_, true)) return;
  net::spawn(thread_.context(), "find_projections", find_kept());
}

Awaitable<void> PostgresFollowers::find_kept() {
  auto asked = postgres::list_kept_projections(thread_.context().get_executor(), settings_.target,
                                               settings_.log_id);
  auto ended = stopping_.or_stop(std::move(asked));
  const auto kept = co_await std::move(ended);
  if (stopping_.is_stopped()) co_return;
  if (!kept) {
    log::warning("projections_not_found", {{"error", kept.error().detail}});
    looked_ = false;  // Whoever connects next looks again.
    co_return;
  }
  for (const postgres::KeptProjection& one : *kept)
    found(one.name, one.definition, one.is_building);
}

// The configuration's word is above the database's.
void PostgresFollowers::found(const std::string& name, const std::string& definition,
                              bool is_building) {
  if (stopping_.is_stopped() || changing_.contains(name)) return;
  Ptr projection = find(name);
  if (!projection) {
    const auto model = json::read_projection(definition, name);
    if (!model)
      return log::warning("projection_not_read",
                          {{"projection", name}, {"error", model.error().detail}});
    log::info("projection_found", {{"projection", name}});
    projection = add(*model, false);
    projection->start();
  }
  if (is_building) projection->build();
}

Awaitable<Result<bool>> PostgresFollowers::put(std::string name, std::string definition) {
  auto model = json::read_projection(definition, name);
  if (!model) co_return model.error();
  if (stopping_.is_stopped() || !changing_.insert(name).second)
    co_return Error{Errc::overloaded, "the projection is being changed: try again"};
  auto declared = co_await declare(*std::move(model));
  changing_.erase(name);
  if (declared && *declared) log::info("projection_created", {{"projection", name}});
  co_return declared;
}

Awaitable<Result<bool>> PostgresFollowers::declare(ReadModel model) {
  Ptr projection = find(model.name);
  if (!projection) co_return co_await begin(std::move(model));
  if (projection->is_configured())
    co_return Error{Errc::group_exists,
                    "the configuration declares the projection \"" + model.name + "\""};
  std::string definition = json::write_projection(model);
  if (projection->definition() == definition) co_return false;
  co_return co_await redefine(std::move(projection), std::move(definition));
}

Awaitable<Result<bool>> PostgresFollowers::begin(ReadModel model) {
  const Ptr projection = add(model, false);
  projection->start();
  const auto begun = co_await has_begun(projection->live());
  if (begun) co_return true;
  projection->stop();
  co_await projection->ended();
  erase(model.name);
  co_return begun.error();
}

Awaitable<Result<bool>> PostgresFollowers::redefine(Ptr projection, std::string definition) {
  const std::string before = projection->definition();
  projection->change_definition(std::move(definition));
  projection->build();
  const auto begun = co_await has_begun(projection->building());
  if (begun) co_return false;
  if (!stopping_.is_stopped()) projection->change_definition(before);
  co_return begun.error();
}

Awaitable<Result<void>> PostgresFollowers::remove(std::string name) {
  const Ptr projection = find(name);
  if (!projection) co_return Error{Errc::not_found, "there is no projection \"" + name + "\""};
  if (projection->is_configured())
    co_return Error{Errc::wrong_mode, "the configuration declares the projection \"" + name +
                                          "\": take it out there first"};
  if (stopping_.is_stopped() || !changing_.insert(name).second)
    co_return Error{Errc::overloaded, "the projection is being changed: try again"};
  auto dropped = co_await drop(projection);
  changing_.erase(name);
  co_return dropped;
}

Awaitable<Result<void>> PostgresFollowers::drop(Ptr projection) {
  projection->stop();
  co_await projection->ended();
  auto dropped = co_await PostgresProjection::drop(projection);
  if (!dropped) {
    if (!stopping_.is_stopped()) projection->start();
    co_return dropped;
  }
  erase(projection->name());
  log::info("projection_deleted", {{"projection", projection->name()}});
  co_return dropped;
}

}  // namespace daybook
