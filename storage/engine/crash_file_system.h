// A file system for tests that forgets what was not synced, as a power cut does, and fails on
// demand. Files are real; readers see unsynced bytes, as they do through the page cache.
//
// Thread-safe. After a crash every operation fails until `restart()`, and whatever was opened
// before it fails for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/engine/file_system.h"

namespace daybook::engine {

// Counting starts when the fault is planned: nth 1 is the next one.
struct Fault {
  enum class On : std::uint8_t {
    operation,  // anything at all, reading and opening included
    append,
    sync,  // of a file or of a directory
  };
  enum class Effect : std::uint8_t {
    io_error,
    no_space,
    short_write,  // half of an append is written before it fails; elsewhere the same as io_error
  };
  On on = On::operation;
  std::uint64_t nth = 1;
  Effect effect = Effect::io_error;
  bool lasting = false;            // every later one fails, too
  std::string path_contains = {};  // only these files count
};

struct CrashPlan {
  enum class Moment : std::uint8_t { before, after };  // the sync takes effect
  std::uint64_t nth_sync = 1;                          // from now on, directories included
  Moment moment = Moment::before;
  std::uint64_t seed = 0;
};

struct IoCounts {
  std::uint64_t operations = 0;
  std::uint64_t appends = 0;
  std::uint64_t syncs = 0;
  std::uint64_t faults_hit = 0;
};

class CrashFileSystem final : public FileSystem {
 public:
  // `scratch` keeps deleted files as long as their deletion can be undone: a directory on the same
  // file system as the data, used by nothing else. It is removed at the end.
  explicit CrashFileSystem(const std::string& scratch);
  ~CrashFileSystem() override;  // after every database that uses it

  rocksdb::Env* env() override;

  // Leaves on disk what a power cut could leave, chosen by the seed: what was synced, and any part
  // of the rest.
  void crash(std::uint64_t seed);
  // The machine is up again; plans are forgotten, what is on disk counts as synced.
  void restart();
  bool crashed() const;

  void plan(const Fault& fault);
  void plan(const CrashPlan& crash);
  void clear_plans();
  // Called with the path at the start of every sync, from the syncing thread and under no lock: a
  // slow fsync is a hook that waits.
  void on_sync(std::function<void(const std::string& path)> hook);

  IoCounts counts() const;
  std::uint64_t syncs() const { return counts().syncs; }
  std::uint64_t open_handles() const;

  struct Disk;

 private:
  std::shared_ptr<Disk> disk_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook::engine
