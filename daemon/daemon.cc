#include "daemon/daemon.h"

#include <algorithm>
#include <thread>

#include "daemon/log/log.h"
#include "daemon/service_manager.h"
#include "daemon/threads/listeners.h"
#include "daemon/version.h"
#include "storage/base/random.h"

namespace daybook {
namespace {

constexpr std::size_t kReadsWaiting = 10'000;
constexpr std::size_t kReadThreads = 2;
constexpr std::chrono::milliseconds kStopDeadline{2000};

std::size_t io_threads(const config::Config& config) {
  if (config.server.io_threads > 0) return config.server.io_threads;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

std::size_t read_threads(const config::Config& config) {
  return config.server.read_threads > 0 ? config.server.read_threads : kReadThreads;
}

http::Settings http_settings(const config::Config& config) {
  return {.limits = config.limits,
          .allowed_origins = config.server.allowed_origins,
          .allow_remote = config.server.allow_remote,
          .platform_order = config.platform.order,
          .platform_lenient = config.platform.lenient};
}

// A random UUID (RFC 9562 §5.4).
LogId new_log_id() {
  LogId id;
  std::ranges::generate(id, [] { return static_cast<std::uint8_t>(random_number()); });
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string source_of(const config::Config& config, const Store& store) {
  if (!config.webhook.source.empty()) return config.webhook.source;
  return "urn:daybook:" + EventId{.text = {}, .uuid = store.log_id()}.to_string();
}

}  // namespace

Daemon::Parts::Parts(Daemon& daemon, std::unique_ptr<Store> opened,
                     std::shared_ptr<const webhook::Poster::World> endpoints)
    : store(std::move(opened)),
      readers(read_threads(daemon.config_), kReadsWaiting),
      index(*store, daemon.index_listener()),
      keeper(*store,
             {.data_dir = daemon.config_.storage.data_dir,
              .reserve_bytes = daemon.config_.storage.reserve_bytes,
              .scrub_bytes_per_second = daemon.config_.storage.scrub_bytes_per_second},
             {.each_second =
                  [this] {
                    service_manager::watchdog();
                    operations.measure();
                  },
              .scrubbed = [this](const Scrub::Step& step) { metrics.count(step); },
              .failed = [&daemon](const Error& error) { daemon.fail(error); }}),
      committer(*store, {}, [&daemon](const CommitFacts& commit) { daemon.committed(commit); }),
      dispatcher({.store = *store,
                  .committer = committer,
                  .readers = readers,
                  .threads = daemon.threads_,
                  .stall_after = std::chrono::seconds(daemon.config_.groups.stall_seconds)}),
      writer(*store, committer, readers),
      log(*store, writer, readers, dispatcher, [&daemon] { return daemon.refusal(); }),
      ingested(*store, writer, readers, dispatcher, [&daemon] { return daemon.disk_refusal(); }),
      aggregates(*store, readers),
      groups(*store, writer, readers, dispatcher,
             {.refusal = [this](const GroupSettings& put) { return pushers.refusal(put); },
              .changed = [this] { pushers.groups_changed(); }}),
      queues(dispatcher),
      dead_letters(*store, readers, dispatcher),
      replays(*store, writer, dispatcher),
      pushers(daemon.threads_, groups, queues, std::move(endpoints),
              source_of(daemon.config_, *store)),
      followers(
          {.store = *store, .writer = writer, .log = log, .ingested = ingested, .groups = groups},
          daemon.config_),
      projections(followers, *store, readers),
      operations(*store, metrics, groups, projections, dispatcher.counts(),
                 [&daemon] { return daemon.trouble(); }) {}

Daemon::Daemon(config::Config config, std::function<void()> on_failure,
               engine::FileSystem* file_system)
    : config_(std::move(config)),
      on_failure_(std::move(on_failure)),
      file_system_(file_system),
      threads_(io_threads(config_)),
      server_(threads_, http_settings(config_)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Store>> Daemon::open_store() {
  Store::Options options;
  options.data_dir = config_.storage.data_dir;
  options.cache_bytes = config_.storage.cache_bytes;
  options.window_bytes = config_.storage.window_bytes;
  options.condition_postings = config_.limits.condition_postings;
  options.new_log_id = new_log_id();
  options.hash_seed = random_number();
  options.file_system = file_system_;
  return Store::open_early(std::move(options));
}

IndexThread::Listener Daemon::index_listener() {
  return {.rebuilt_more = [this] { rebuilt_more(); },
          .recovered = [this, data_dir = config_.storage.data_dir] { recovered(data_dir); },
          .failed = [this](const Error& error) { fail(error); }};
}

void Daemon::rebuilt_more() {
  const Store& store = *parts_->store;
  log::info("index_rebuilding",
            {{"posted", store.index().posted().value}, {"head", store.committed().value}});
  service_manager::status(trouble());
  service_manager::extend_start();
}

void Daemon::recovered(const std::string& data_dir) {
  if (const std::string& why = parts_->store->why_rebuilt(); !why.empty())
    log::warning("index_rebuilt", {{"because", why}});
  log::info(
      "ready",
      {{"version", kVersion}, {"data_dir", data_dir}, {"head", parts_->store->committed().value}});
  service_manager::status("ready");
  service_manager::ready();
}

Result<void> Daemon::start() {
  auto endpoints =
      Pushers::open({.allow = config_.webhook.allow, .ca_file = config_.webhook.ca_file});
  if (!endpoints) return endpoints.error();
  for (const std::string& endpoint : config_.server.listen)
    if (auto bound = server_.listen(endpoint); !bound) return bound;
  threads_.start();
  server_.start();
  auto store = open_store();
  if (!store) return store.error();
  parts_ = std::make_unique<Parts>(*this, std::move(*store), std::move(*endpoints));
  parts_->committer.start();
  parts_->keeper.start();
  parts_->dispatcher.start();
  server_.serve(parts_->backend);
  parts_->pushers.groups_changed();
  parts_->followers.start();
  for (const std::string& endpoint : server_.endpoints())
    log::info("listening", {{"address", endpoint}});
  parts_->index.start();
  return {};
}

void Daemon::committed(const CommitFacts& commit) {
  parts_->metrics.count(commit);
  if (const auto& failure = parts_->store->writer().failure()) return fail(*failure);
  if (commit.events == 0) return;
  const Window& window = parts_->store->window();
  threads_.each([&window](IoThread& thread) { thread.listeners().notify(window); });
  parts_->followers.committed(window);
  if (window.next_to_post(parts_->store->index().posted())) parts_->index.notify();
}

void Daemon::fail(const Error& error) {
  if (failed_.exchange(true)) return;
  log::error("failed", {{"error", error.detail}});
  on_failure_();
}

std::optional<Error> Daemon::refusal() const {
  if (stopping_.load()) return Error{Errc::shutting_down, "the daemon is stopping"};
  return disk_refusal();
}

std::optional<Error> Daemon::disk_refusal() const {
  if (failed_.load())
    return Error{Errc::shutting_down, "the disk failed: the daemon stops, nothing is accepted"};
  if (const Store& store = *parts_->store; store.is_recovering())
    return Error{Errc::recovering,
                 "the index is being rebuilt: " + std::to_string(store.index().posted().value) +
                     " of " + std::to_string(store.committed().value) +
                     " events; until then they are read by offset alone"};
  if (parts_->keeper.disk_is_full())
    return Error{Errc::disk_full,
                 "the disk has less than storage.reserve_bytes free: appends wait until there is "
                 "room again; reads and commits of groups go on"};
  if (parts_->store->index_is_behind())
    return Error{Errc::overloaded, "the index is behind: try again"};
  return std::nullopt;
}

std::string Daemon::trouble() const {
  const auto refused = refusal();
  return refused && refused->code != Errc::overloaded ? refused->detail : std::string();
}

void Daemon::reload(const config::Config& fresh) {
  const bool is_ready = !parts_->store->is_recovering();
  if (is_ready) service_manager::reloading();
  config::Reload reload = config::reload(config_, fresh);
  config_ = std::move(reload.config);
  if (auto opened = log::open(config_.log); !opened)
    log::error("log_not_reopened", {{"error", opened.error().detail}});
  server_.change(http_settings(config_));
  parts_->followers.reload(config_);
  for (const std::string& key : reload.changed) log::info("config_changed", {{"key", key}});
  for (const std::string& key : reload.needs_restart)
    log::warning("config_needs_restart", {{"key", key}});
  if (is_ready) service_manager::ready();
}

bool Daemon::stop() {
  service_manager::stopping();
  log::info("stopping");
  stopping_.store(true);
  if (parts_) {
    parts_->followers.stop();
    parts_->pushers.stop();
    parts_->dispatcher.stop();  // Before connections end: they are no lost members.
  }
  server_.stop(kStopDeadline);
  if (parts_) {
    parts_->committer.stop();
    parts_->readers.stop();
    parts_->followers.join();
    parts_->index.stop();
    parts_->keeper.stop();
  }
  threads_.each([](IoThread& thread) { thread.stop(); });
  threads_.each([](IoThread& thread) { thread.join(); });
  if (parts_ && !failed_.load()) {
    auto posted = parts_->store->post_all();
    if (posted) posted = parts_->store->sync_head_mark();
    if (!posted) fail(posted.error());
  }
  log::info("stopped", {{"head", parts_ ? parts_->store->committed().value : 0}});
  return !failed_.load();
}

}  // namespace daybook
