#include "storage/book/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace daybook {
namespace {

// Closes on every way out.
struct File {
  int fd;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

Error failed(const std::string& path) {
  return {Errc::io_failed, path + ": " + std::strerror(errno)};
}

}  // namespace

Result<void> write_synced(const std::string& path, std::string_view bytes) {
  const File file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
  if (file.fd < 0) return failed(path);
  errno = ENOSPC;  // What a short write means.
  if (::write(file.fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    return failed(path);
  if (::fsync(file.fd) != 0) return failed(path);
  return {};
}

Result<void> sync_directory(const std::string& directory) {
  const File file{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (file.fd < 0 || ::fsync(file.fd) != 0) return failed(directory);
  return {};
}

}  // namespace daybook
