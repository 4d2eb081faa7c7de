#include "storage/engine/crash_file_system.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/base/check.h"
#include "storage/engine/crash_files.h"

namespace daybook::engine {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus crashed_status() {
  return IOStatus::IOError("the machine has crashed");
}

IOStatus to_status(int error, const std::string& path) {
  if (error == 0) return IOStatus::OK();
  if (error == ENOENT) return IOStatus::PathNotFound(path);
  return IOStatus::IOError(path, std::strerror(error));
}

IOStatus to_status(Fault::Effect effect, const std::string& path) {
  if (effect == Fault::Effect::no_space) return IOStatus::NoSpace(path, "injected: disk full");
  return IOStatus::IOError(path, "injected: input/output error");
}

namespace {

// Goes through the page cache always: what is unsynced must be one thing.
FileOptions buffered(FileOptions options) {
  options.use_mmap_reads = options.use_mmap_writes = false;
  options.use_direct_reads = options.use_direct_writes = false;
  return options;
}

// RocksDB's view of a CrashFileSystem. What is not overridden changes nothing that a crash could
// undo and goes to the operating system.
class CrashRocksFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CrashRocksFileSystem(DiskPtr disk)
      : FileSystemWrapper(FileSystem::Default()), disk_(std::move(disk)) {}

  const char* Name() const override { return "CrashFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* made,
                             IODebugContext* context) override {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    IOStatus status = disk_->look(path);
    if (status.ok()) status = target_->NewSequentialFile(path, buffered(options), &file, context);
    if (status.ok()) *made = crash_file(disk_, path, std::move(file));
    return status;
  }

  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* made,
                               IODebugContext* context) override {
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    IOStatus status = disk_->look(path);
    if (status.ok()) status = target_->NewRandomAccessFile(path, buffered(options), &file, context);
    if (status.ok()) *made = crash_file(disk_, path, std::move(file));
    return status;
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* made,
                           IODebugContext*) override {
    InodePtr inode;
    const IOStatus status =
        disk_->change(path, [&](CrashDisk& files) { return files.create(path, &inode); });
    if (status.ok()) *made = crash_file(disk_, path, std::move(inode));
    return status;
  }

  IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* made,
                              IODebugContext*) override {
    InodePtr inode;
    const IOStatus status = disk_->change(path, [&](CrashDisk& files) {
      return files.open(path, &inode) == 0 ? 0 : files.create(path, &inode);
    });
    if (status.ok()) *made = crash_file(disk_, path, std::move(inode));
    return status;
  }

  IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                             const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* made,
                             IODebugContext* context) override {
    const IOStatus status = RenameFile(old_path, path, options.io_options, context);
    return status.ok() ? NewWritableFile(path, options, made, context) : status;
  }

  IOStatus NewRandomRWFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("writing in place", path);
  }

  IOStatus NewMemoryMappedFileBuffer(const std::string& path,
                                     std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) override {
    return IOStatus::NotSupported("mapping", path);
  }

  IOStatus Truncate(const std::string& path, size_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("truncating", path);
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* made,
                        IODebugContext* context) override {
    bool is_directory = false;
    IOStatus status = disk_->look(path);
    if (status.ok()) status = target_->IsDirectory(path, options, &is_directory, context);
    if (status.ok() && !is_directory) status = IOStatus::IOError(path, "is not a directory");
    if (status.ok()) *made = crash_directory(disk_, path);
    return status;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return disk_->change(path, [&](CrashDisk& files) { return files.remove(path); });
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return disk_->change(to, [&](CrashDisk& files) { return files.rename(from, to); });
  }

  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return disk_->change(to, [&](CrashDisk& files) { return files.link(from, to); });
  }

  // The scratch directory's own link does not count.
  IOStatus NumFileLinks(const std::string& path, const IOOptions& options, uint64_t* count,
                        IODebugContext* context) override {
    const IOStatus status = target_->NumFileLinks(path, options, count, context);
    if (status.ok() && *count > 1) --*count;
    return status;
  }

  IOStatus CreateDir(const std::string& path, const IOOptions& options,
                     IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->CreateDir(path, options, context) : status;
  }

  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options,
                              IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->CreateDirIfMissing(path, options, context) : status;
  }

  IOStatus DeleteDir(const std::string& path, const IOOptions& options,
                     IODebugContext* context) override {
    IOStatus status = disk_->look(path);
    if (status.ok()) status = target_->DeleteDir(path, options, context);
    if (!status.ok()) return status;
    return disk_->change(path, [&](CrashDisk& files) {
      files.forget_directory(path);
      return 0;
    });
  }

  IOStatus FileExists(const std::string& path, const IOOptions& options,
                      IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->FileExists(path, options, context) : status;
  }

  IOStatus GetChildren(const std::string& path, const IOOptions& options,
                       std::vector<std::string>* names, IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->GetChildren(path, options, names, context) : status;
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size,
                       IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->GetFileSize(path, options, size, context) : status;
  }

  // Unlocking works after a crash, too: the lock is this process's.
  IOStatus LockFile(const std::string& path, const IOOptions& options, rocksdb::FileLock** lock,
                    IODebugContext* context) override {
    const IOStatus status = disk_->look(path);
    return status.ok() ? target_->LockFile(path, options, lock, context) : status;
  }

 private:
  DiskPtr disk_;
};

// RocksDB's background threads pause a second after each error: here errors are meant.
class HastyClock final : public rocksdb::SystemClockWrapper {
 public:
  HastyClock() : SystemClockWrapper(SystemClock::Default()) {}
  const char* Name() const override { return "HastyClock"; }
  void SleepForMicroseconds(int micros) override {
    target_->SleepForMicroseconds(std::min(micros, 1000));
  }
};

class CrashEnv final : public rocksdb::EnvWrapper {
 public:
  explicit CrashEnv(const DiskPtr& disk)
      : EnvWrapper(rocksdb::NewCompositeEnv(std::make_shared<CrashRocksFileSystem>(disk))) {
    file_system_ = target()->GetFileSystem();
    system_clock_ = std::make_shared<HastyClock>();
  }
  const char* Name() const override { return "CrashEnv"; }
};

}  // namespace

struct CrashFileSystem::Impl {
  explicit Impl(const DiskPtr& disk) : env(disk) {}
  CrashEnv env;
};

CrashFileSystem::CrashFileSystem(const std::string& scratch)
    : disk_(std::make_shared<Disk>(scratch)), impl_(std::make_unique<Impl>(disk_)) {}

CrashFileSystem::~CrashFileSystem() = default;

rocksdb::Env* CrashFileSystem::env() {
  return &impl_->env;
}

void CrashFileSystem::crash(std::uint64_t seed) {
  const std::lock_guard lock(disk_->mutex);
  if (!disk_->crashed) disk_->crash_locked(seed);
}

void CrashFileSystem::restart() {
  const std::lock_guard lock(disk_->mutex);
  CHECK(disk_->crashed);
  disk_->files.forget();
  disk_->faults.clear();
  disk_->crashed = false;
}

bool CrashFileSystem::crashed() const {
  return disk_->crashed;
}

void CrashFileSystem::plan(const Fault& fault) {
  const std::lock_guard lock(disk_->mutex);
  disk_->faults.plan(fault);
}

void CrashFileSystem::plan(const CrashPlan& crash) {
  const std::lock_guard lock(disk_->mutex);
  disk_->faults.plan(crash);
}

void CrashFileSystem::clear_plans() {
  const std::lock_guard lock(disk_->mutex);
  disk_->faults.clear();
}

void CrashFileSystem::on_sync(std::function<void(const std::string&)> hook) {
  const std::lock_guard lock(disk_->mutex);
  disk_->sync_hook = std::move(hook);
}

IoCounts CrashFileSystem::counts() const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->faults.counts();
}

std::uint64_t CrashFileSystem::open_handles() const {
  return disk_->open_handles;
}

}  // namespace daybook::engine
