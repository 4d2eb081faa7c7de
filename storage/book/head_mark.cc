#include "storage/book/head_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "storage/book/durable_file.h"

namespace daybook {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr char kMagic[8] = {'D', 'B', 'H', 'E', 'A', 'D', '1', '\n'};

// The page: [8] magic  [16] log UUID  [8] head  [8] change, both little-endian  [4056] zero.
struct HeadPage {
  char magic[8];
  LogId log;
  std::uint64_t head;
  std::uint64_t change;
};

std::atomic_ref<std::uint64_t> head_of(void* page) {
  return std::atomic_ref<std::uint64_t>(static_cast<HeadPage*>(page)->head);
}
std::atomic_ref<std::uint64_t> change_of(void* page) {
  return std::atomic_ref<std::uint64_t>(static_cast<HeadPage*>(page)->change);
}

Error failed(const std::string& path) {
  return {Errc::io_failed, path + ": " + std::strerror(errno)};
}

// Closes on every way out.
struct File {
  int fd;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

Result<std::unique_ptr<HeadMark>> HeadMark::create(const std::string& path, const LogId& log) {
  if (::access(path.c_str(), F_OK) == 0) return Error{Errc::io_failed, path + ": exists already"};
  char page[kPageBytes] = {};
  HeadPage head{.magic = {}, .log = log, .head = 0, .change = 0};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  std::memcpy(page, &head, sizeof head);
  // It gets its name once it is whole: a first start may end anywhere, or find the disk full.
  const std::string unnamed = path + ".new";
  if (auto written = write_synced(unnamed, {page, sizeof page}); !written) return written.error();
  if (::rename(unnamed.c_str(), path.c_str()) != 0) return failed(path);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  if (auto synced = sync_directory(directory); !synced) return synced.error();
  return open(path);
}

Result<std::unique_ptr<HeadMark>> HeadMark::open(const std::string& path) {
  const File file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (file.fd < 0 && errno == ENOENT) return Error{Errc::not_found, path + " does not exist"};
  struct stat facts {};
  if (file.fd < 0 || ::fstat(file.fd, &facts) != 0) return failed(path);
  if (facts.st_size != kPageBytes) return Error{Errc::corrupted, path + " is not 4096 bytes long"};
  void* page = ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
  if (page == MAP_FAILED) return failed(path);
  std::unique_ptr<HeadMark> mark(new HeadMark(page));
  if (std::memcmp(page, kMagic, sizeof kMagic) != 0)
    return Error{Errc::corrupted, path + " does not begin as a head page"};
  return mark;
}

HeadMark::~HeadMark() {
  ::munmap(page_, kPageBytes);
}
LogId HeadMark::log() const {
  return static_cast<const HeadPage*>(page_)->log;
}
BookEnd HeadMark::load() const {
  return {.head = {head_of(page_).load()}, .change = change_of(page_).load()};
}
// A page that is written out between the two says less than is true, which proves less and refuses
// nothing.
void HeadMark::store(BookEnd end) {
  head_of(page_).store(end.head.value, std::memory_order_relaxed);
  change_of(page_).store(end.change, std::memory_order_relaxed);
}

Result<void> HeadMark::sync() {
  if (::msync(page_, kPageBytes, MS_SYNC) != 0) return failed("head");
  return {};
}

}  // namespace daybook
