// What a CrashFileSystem and everything opened through it share: the disk, the planned faults, and
// whether the machine is up.
#pragma once

#include <rocksdb/io_status.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "storage/engine/crash_disk.h"
#include "storage/engine/crash_faults.h"
#include "storage/engine/crash_file_system.h"

namespace daybook::engine {

rocksdb::IOStatus crashed_status();
rocksdb::IOStatus to_status(int error, const std::string& path);
rocksdb::IOStatus to_status(Fault::Effect effect, const std::string& path);

// Shared by the file system and everything opened through it: an old handle may outlive the file
// system inside RocksDB's caches. Each life between two crashes has a number; a handle of an
// earlier life fails.
struct CrashFileSystem::Disk {
  explicit Disk(const std::string& scratch) : files(scratch) {}

  mutable std::mutex mutex;
  CrashDisk files;
  CrashFaults faults;
  std::function<void(const std::string&)> sync_hook;
  std::atomic<std::uint64_t> life{0};
  std::atomic<bool> crashed{false};
  std::atomic<std::uint64_t> open_handles{0};

  bool alive(std::uint64_t in_life) const { return !crashed && life == in_life; }

  void crash_locked(std::uint64_t seed) {
    crashed = true;
    ++life;
    files.crash(seed);
  }

  // Reading, opening to read, listing: everything that leaves the disk as it is.
  rocksdb::IOStatus look(const std::string& path, std::uint64_t in_life) {
    const std::lock_guard lock(mutex);
    if (!alive(in_life)) return crashed_status();
    const auto verdict = faults.operation(Fault::On::operation, path);
    return verdict.effect ? to_status(*verdict.effect, path) : rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus look(const std::string& path) { return look(path, life); }

  // A change of names, under the lock so that a crash comes before or after it.
  template <class Do>
  rocksdb::IOStatus change(const std::string& path, Do act) {
    const std::lock_guard lock(mutex);
    if (crashed) return crashed_status();
    const auto verdict = faults.operation(Fault::On::operation, path);
    if (verdict.effect) return to_status(*verdict.effect, path);
    return to_status(act(files), path);
  }

  // A sync point. What it makes durable is what was there when it began.
  template <class Begin, class End>
  rocksdb::IOStatus sync(const std::string& path, std::uint64_t in_life, Begin begin, End end) {
    std::unique_lock lock(mutex);
    if (!alive(in_life)) return crashed_status();
    const auto verdict = faults.operation(Fault::On::sync, path);
    const auto begun = begin();
    if (const auto hook = sync_hook) {
      lock.unlock();
      hook(path);
      lock.lock();
      if (!alive(in_life)) return crashed_status();
    }
    if (verdict.effect) return to_status(*verdict.effect, path);
    const bool crash_before = verdict.crash && verdict.crash->moment == CrashPlan::Moment::before;
    if (!crash_before) end(begun);
    if (!verdict.crash) return rocksdb::IOStatus::OK();
    crash_locked(verdict.crash->seed);
    return crashed_status();
  }
};

}  // namespace daybook::engine
