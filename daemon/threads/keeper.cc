#include "daemon/threads/keeper.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "daemon/log/log.h"
#include "daemon/threads/name.h"

namespace daybook {
namespace {

std::optional<std::uint64_t> free_bytes(const std::string& directory) {
  struct statvfs facts {};
  if (::statvfs(directory.c_str(), &facts) != 0) return std::nullopt;
  return std::uint64_t{facts.f_bavail} * facts.f_frsize;
}

}  // namespace

Keeper::Keeper(Store& store, Options options, Listener listener)
    : store_(store), options_(std::move(options)), listener_(std::move(listener)) {
  watch_disk();
}

Keeper::~Keeper() {
  stop();
}

void Keeper::start() {
  thread_ = std::thread(&Keeper::run, this);
}

void Keeper::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Keeper::run() {
  name_thread("keeper");
  constexpr std::chrono::seconds kInterval{1};
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, kInterval, [this] { return stopped_; })) {
    watch_disk();
    listener_.each_second();
    if (auto synced = store_.sync_head_mark(); !synced) return listener_.failed(synced.error());
    scrub();
  }
}

// A slow disk is scrubbed more slowly, so that the rest of the second's work comes in time. A small
// log is not read all the time.
void Keeper::scrub() {
  constexpr std::uint64_t kSlice = 1 << 20;
  constexpr std::chrono::milliseconds kTimeMax{200};
  constexpr std::chrono::hours kRest{1};  // from the end of the log to its beginning
  const auto began = Clock::now();
  if (began < scrub_rests_until_) return;
  std::uint64_t left = options_.scrub_bytes_per_second;
  while (left > 0 && Clock::now() - began < kTimeMax) {
    const Scrub::Step step = scrub_.step(std::min(left, kSlice));
    for (const Error& damage : step.damages)
      log::error("block_damaged", {{"error", damage.detail}});
    listener_.scrubbed(step);
    left -= std::min(left, step.bytes);
    if (!step.at_end) continue;
    scrub_rests_until_ = began + kRest;
    return;
  }
}

void Keeper::watch_disk() {
  const auto free = free_bytes(options_.data_dir);
  if (!free) return;
  const bool was_full = disk_is_full_.load();
  const std::uint64_t reserve = options_.reserve_bytes;
  const bool is_full = *free < (was_full ? reserve + reserve / 5 : reserve);
  if (is_full == was_full) return;
  disk_is_full_.store(is_full);
  if (is_full)
    log::error("disk_full", {{"free_bytes", *free}, {"reserve_bytes", reserve}});
  else
    log::info("disk_has_room", {{"free_bytes", *free}});
}

}  // namespace daybook
