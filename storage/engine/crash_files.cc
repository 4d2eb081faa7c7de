#include "storage/engine/crash_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace daybook::engine {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

using Disk = CrashFileSystem::Disk;

// Counts an open file and remembers the life it was opened in.
class Handle {
 public:
  Handle(DiskPtr disk, std::string path)
      : disk_(std::move(disk)), path_(std::move(path)), life_(disk_->life) {
    ++disk_->open_handles;
  }
  ~Handle() { --disk_->open_handles; }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  Disk& disk() const { return *disk_; }
  const std::string& path() const { return path_; }
  std::uint64_t life() const { return life_; }

  // A read that the crash overtook may have seen anything.
  template <class Read>
  IOStatus read(Read act) const {
    IOStatus status = disk_->look(path_, life_);
    if (!status.ok()) return status;
    status = act();
    return disk_->alive(life_) ? status : crashed_status();
  }

 private:
  DiskPtr disk_;
  std::string path_;
  std::uint64_t life_;
};

class CrashSequentialFile final : public rocksdb::FSSequentialFile {
 public:
  CrashSequentialFile(DiskPtr disk, const std::string& path,
                      std::unique_ptr<rocksdb::FSSequentialFile> file)
      : handle_(std::move(disk), path), file_(std::move(file)) {}

  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    return handle_.read([&] { return file_->Read(n, options, result, scratch, context); });
  }
  IOStatus Skip(uint64_t n) override {
    return handle_.read([&] { return file_->Skip(n); });
  }

 private:
  Handle handle_;
  std::unique_ptr<rocksdb::FSSequentialFile> file_;
};

class CrashRandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  CrashRandomAccessFile(DiskPtr disk, const std::string& path,
                        std::unique_ptr<rocksdb::FSRandomAccessFile> file)
      : handle_(std::move(disk), path), file_(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) const override {
    return handle_.read([&] { return file_->Read(offset, n, options, result, scratch, context); });
  }

 private:
  Handle handle_;
  std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
};

class CrashWritableFile final : public rocksdb::FSWritableFile {
 public:
  CrashWritableFile(DiskPtr disk, const std::string& path, InodePtr inode)
      : handle_(std::move(disk), path),
        inode_(std::move(inode)),
        file_(::open(inode_->anchor().c_str(), O_WRONLY | O_CLOEXEC)) {}
  ~CrashWritableFile() override { close_file(); }

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    Disk& disk = handle_.disk();
    const std::lock_guard lock(disk.mutex);
    if (!disk.alive(handle_.life())) return crashed_status();
    const auto verdict = disk.faults.operation(Fault::On::append, handle_.path());
    if (!verdict.effect) return write(data);
    if (verdict.effect == Fault::Effect::short_write) {
      const IOStatus written = write(Slice(data.data(), data.size() / 2));
      if (!written.ok()) return written;
    }
    return to_status(*verdict.effect, handle_.path());
  }

  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return handle_.disk().sync(
        handle_.path(), handle_.life(), [this] { return inode_->size(); },
        [this](std::uint64_t size) { inode_->synced_up_to(size); });
  }

  IOStatus Close(const IOOptions&, IODebugContext*) override {
    close_file();
    return handle_.disk().look(handle_.path(), handle_.life());
  }

  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return handle_.disk().look(handle_.path(), handle_.life());
  }

  // Only starts write-back: nothing is durable after it.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return handle_.disk().look(handle_.path(), handle_.life());
  }

  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(handle_.disk().mutex);
    return inode_->size();
  }

  bool IsSyncThreadSafe() const override { return true; }

 private:
  IOStatus write(const Slice& data) {
    std::size_t done = 0;
    while (done < data.size()) {
      const ssize_t n = ::pwrite(file_, data.data() + done, data.size() - done,
                                 static_cast<off_t>(inode_->size()));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return to_status(n < 0 ? errno : EIO, handle_.path());
      inode_->appended(static_cast<std::uint64_t>(n));
      done += static_cast<std::size_t>(n);
    }
    return IOStatus::OK();
  }

  void close_file() {
    if (file_ >= 0) ::close(std::exchange(file_, -1));
  }

  Handle handle_;
  InodePtr inode_;
  int file_;
};

class CrashDirectory final : public rocksdb::FSDirectory {
 public:
  CrashDirectory(DiskPtr disk, const std::string& path) : handle_(std::move(disk), path) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return handle_.disk().sync(
        handle_.path(), handle_.life(),
        [this] { return handle_.disk().files.changes(handle_.path()); },
        [this](std::uint64_t changes) {
          handle_.disk().files.sync_directory(handle_.path(), changes);
        });
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  Handle handle_;
};

}  // namespace

std::unique_ptr<rocksdb::FSSequentialFile> crash_file(
    DiskPtr disk, const std::string& path, std::unique_ptr<rocksdb::FSSequentialFile> file) {
  return std::make_unique<CrashSequentialFile>(std::move(disk), path, std::move(file));
}

std::unique_ptr<rocksdb::FSRandomAccessFile> crash_file(
    DiskPtr disk, const std::string& path, std::unique_ptr<rocksdb::FSRandomAccessFile> file) {
  return std::make_unique<CrashRandomAccessFile>(std::move(disk), path, std::move(file));
}

std::unique_ptr<rocksdb::FSWritableFile> crash_file(DiskPtr disk, const std::string& path,
                                                    InodePtr inode) {
  return std::make_unique<CrashWritableFile>(std::move(disk), path, std::move(inode));
}

std::unique_ptr<rocksdb::FSDirectory> crash_directory(DiskPtr disk, const std::string& path) {
  return std::make_unique<CrashDirectory>(std::move(disk), path);
}

}  // namespace daybook::engine
