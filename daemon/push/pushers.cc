#include "daemon/push/pushers.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/net/spawn.h"
#include "daemon/push/push_source.h"
#include "daemon/push/retry_pause.h"
#include "replication/webhook/pusher.h"
#include "replication/webhook/signature.h"

namespace daybook {
namespace {

namespace asio = boost::asio;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr const char* kMember = "daybook:push";

}  // namespace

// Shared by the thread that began it and the one that it runs on.
struct Pushers::Running {
  Running(IoThread& on, std::string of, const QueueSettings& with)
      : thread(on), group(std::move(of)), settings(with), pause(on.context()) {}

  bool has(const QueueSettings& other) const {
    return settings.push == other.push && settings.ack_timeout_ms == other.ack_timeout_ms;
  }

  IoThread& thread;
  const std::string group;
  const QueueSettings settings;
  // Of `thread` alone.
  bool stopped = false;
  std::shared_ptr<webhook::Pusher> pusher;  // Its own coroutines share it.
  asio::steady_timer pause;
};

Result<std::shared_ptr<const webhook::Poster::World>> Pushers::open(const Options& options) {
  auto destinations = webhook::Destinations::parse(options.allow);
  if (!destinations) return destinations.error();
  auto trust = Trust::open(options.ca_file);
  if (!trust) return Error{Errc::bad_value, "webhook.ca_file is " + trust.error().detail};
  return std::make_shared<const webhook::Poster::World>(
      webhook::Poster::World{.destinations = std::move(*destinations), .trust = std::move(*trust)});
}

Pushers::Pushers(IoThreads& threads, GroupPort& groups, QueuePort& queues,
                 std::shared_ptr<const webhook::Poster::World> world, std::string source)
    : threads_(threads),
      home_(threads.next()),
      groups_(groups),
      queues_(queues),
      world_(std::move(world)),
      source_(std::move(source)) {}

std::optional<Error> Pushers::refusal(const GroupSettings& settings) const {
  const auto& push = settings.queue.push;
  if (settings.mode != GroupMode::queue || !push) return std::nullopt;
  if (const auto url = world_->destinations.check(push->url); !url)
    return Error{url.error().code, url.error().detail, "/push/url"};
  if (const auto key = webhook::signing_key(push->secret); !key)
    return Error{key.error().code, key.error().detail, "/push/secret"};
  return std::nullopt;
}

void Pushers::groups_changed() {
  asio::post(home_.context(), [this] { reconcile(); });
}

void Pushers::stop() {
  stopping_.store(true);
  groups_changed();
}

void Pushers::reconcile() {
  std::map<std::string, QueueSettings> wanted;
  if (!stopping_.load())
    for (GroupInfo& group : groups_.list())
      if (group.row.settings.mode == GroupMode::queue && group.row.settings.queue.push)
        wanted.emplace(std::move(group.name), std::move(group.row.settings.queue));
  for (const auto& [group, running] : running_) {
    const auto found = wanted.find(group);
    if (found == wanted.end() || !running->has(found->second)) end(running);
    // What ends is begun again once it has ended.
    if (found != wanted.end()) wanted.erase(found);
  }
  for (const auto& [group, settings] : wanted) begin(group, settings);
}

void Pushers::begin(const std::string& group, const QueueSettings& settings) {
  const auto running = std::make_shared<Running>(threads_.next(), group, settings);
  running_.emplace(group, running);
  net::spawn(running->thread.context(), "push", serve(running));
}

void Pushers::end(const std::shared_ptr<Running>& running) {
  asio::post(running->thread.context(), [running] {
    running->stopped = true;
    running->pause.cancel();
    if (running->pusher) running->pusher->stop();
  });
}

Awaitable<void> Pushers::serve(std::shared_ptr<Running> running) {
  RetryPause pause;
  while (!running->stopped) {
    const auto begun = std::chrono::steady_clock::now();
    const auto ended = co_await push(running);
    running->pusher.reset();
    if (running->stopped || ended) break;
    log::warning("push_failed", {{"group", running->group}, {"error", ended.error().detail}});
    if (ended.error().code == Errc::unknown_group) break;
    running->pause.expires_after(pause.after(std::chrono::steady_clock::now() - begun));
    co_await running->pause.async_wait(kAsTuple);
  }
  asio::post(home_.context(), [this, group = running->group] {
    running_.erase(group);
    reconcile();
  });
}

std::shared_ptr<webhook::Pusher> Pushers::pusher_of(
    const Running& running, std::string key,
    std::unique_ptr<webhook::DeliverySource> source) const {
  const PushTarget& target = *running.settings.push;
  asio::io_context& context = running.thread.context();
  const asio::any_io_executor executor = context.get_executor();
  auto poster = std::make_unique<webhook::Poster>(
      executor, world_,
      webhook::Poster::Target{.url = target.url,
                              .key = std::move(key),
                              .timeout = std::chrono::milliseconds(target.timeout_ms),
                              .idle_connections_max = target.parallel},
      resolver_.on(executor));
  return std::make_shared<webhook::Pusher>(
      executor,
      webhook::Pusher::Settings{
          .group = running.group,
          .source = source_,
          .parallel = target.parallel,
          .ack_timeout = std::chrono::milliseconds(running.settings.ack_timeout_ms)},
      std::move(source), std::move(poster),
      [&context](Awaitable<void> task) { net::spawn(context, "push", std::move(task)); });
}

// As long as all is well.
Awaitable<Result<void>> Pushers::push(std::shared_ptr<Running> running) {
  const PushTarget& target = *running->settings.push;
  // The configuration may have changed since the group was put.
  if (const auto url = world_->destinations.check(target.url); !url) co_return url.error();
  const auto key = webhook::signing_key(target.secret);
  if (!key) co_return key.error();
  std::string name = kMember;
  auto member = co_await queues_.join(running->group, name);
  if (!member) co_return member.error();
  auto source =
      std::make_unique<PushSource>(queues_, running->group, std::move(name), std::move(*member));
  running->pusher = pusher_of(*running, *key, std::move(source));
  if (running->stopped) running->pusher->stop();
  co_return co_await webhook::Pusher::run(running->pusher);
}

}  // namespace daybook
