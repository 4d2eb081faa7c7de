#include "storage/book/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace daybook {

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const std::string& data_dir) {
  const std::string path = data_dir + "/LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return Error{Errc::io_failed, path + ": " + std::strerror(errno)};
  std::unique_ptr<DirectoryLock> lock(new DirectoryLock(file));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  return Error{Errc::overloaded, data_dir + " is in use by another process: stop it first"};
}

DirectoryLock::~DirectoryLock() {
  ::close(file_);
}

}  // namespace daybook
