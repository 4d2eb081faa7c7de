#include "daemon/threads/keeper.h"

#include <sys/statvfs.h>

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

Keeper::Keeper(Store& store, Options options, std::function<void()> each_second,
               std::function<void(const Error&)> failed)
    : store_(store),
      options_(std::move(options)),
      each_second_(std::move(each_second)),
      failed_(std::move(failed)) {
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
    each_second_();
    if (auto synced = store_.sync_head_mark(); !synced) return failed_(synced.error());
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
