#include "daemon/followers/redis_ingest.h"

#include "daemon/followers/tell_change.h"
#include "daemon/log/log.h"
#include "daemon/net/spawn.h"

namespace daybook {
namespace {

class AppendToLog final : public redis::IngestTarget {
 public:
  explicit AppendToLog(LogPort& log) : log_(log) {}
  Awaitable<Result<void>> append(Append append) override {
    const auto appended = co_await log_.append(std::move(append));
    if (!appended) co_return appended.error();
    co_return Result<void>();
  }

 private:
  LogPort& log_;
};

}  // namespace

RedisIngest::RedisIngest(IoThread& thread, LogPort& log, GroupPort& groups,
                         redis::Ingest::Settings settings)
    : thread_(thread), log_(log), groups_(groups), settings_(std::move(settings)) {}

ProjectionInfo RedisIngest::info() const {
  ProjectionInfo info;
  info.kind = ProjectionKind::redis;
  const std::scoped_lock lock(mutex_);
  info.target = settings_.connection.url.shown();
  if (running_) info.follower = running_->state();
  info.follower.name = kIngestName;
  return info;
}

void RedisIngest::start() {
  net::spawn(thread_.context(), "redis_ingest", run());
}

void RedisIngest::stop() {
  stopped_ = true;
  if (running_) running_->stop();
}

void RedisIngest::change_url(redis::Url url) {
  {
    const std::scoped_lock lock(mutex_);
    settings_.connection.url = std::move(url);
  }
  if (running_) running_->stop();
}

Awaitable<void> RedisIngest::run() {
  co_await make_group();
  while (!stopped_) {
    const std::shared_ptr<redis::Ingest> ingest = make();
    co_await redis::Ingest::run(ingest);
  }
}

std::shared_ptr<redis::Ingest> RedisIngest::make() {
  auto ingest = std::make_shared<redis::Ingest>(
      thread_.context().get_executor(), settings_, std::make_unique<AppendToLog>(log_),
      [](const FollowerState& state) {
        state.phase == FollowerPhase::following ? tell_following(state, 0) : tell_change(state);
      });
  const std::scoped_lock lock(mutex_);
  running_ = ingest;
  return ingest;
}

Awaitable<void> RedisIngest::make_group() {
  const std::string group(kRefusedGroup);
  if (groups_.mode(group)) co_return;
  PutGroup put{.group = group};
  put.settings.mode = GroupMode::queue;
  put.settings.filter.event_types = {std::string(redis::kRefusedEventType)};
  const auto made = co_await groups_.put(std::move(put));
  if (!made) log::warning("group_not_created", {{"group", group}, {"error", made.error().detail}});
}

}  // namespace daybook
