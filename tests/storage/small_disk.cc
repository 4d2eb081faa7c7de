#include "tests/storage/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace daybook::test {
namespace {

// Maps our own ids to root's: unmapped ones may make no file.
bool become_root_of_a_namespace() {
  const std::string user = "0 " + std::to_string(::getuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getgid()) + " 1";
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << user;
  std::ofstream("/proc/self/gid_map") << group;
  return ::getuid() == 0;
}

// A descriptor of the root of a new tmpfs, or -1.
int new_tmpfs(std::uint64_t bytes) {
  const int context = ::fsopen("tmpfs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  const std::string size = std::to_string(bytes);
  int fd = -1;
  if (::fsconfig(context, FSCONFIG_SET_STRING, "size", size.c_str(), 0) == 0 &&
      ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
    fd = ::fsmount(context, FSMOUNT_CLOEXEC, 0);
  const int error = errno;
  ::close(context);
  errno = error;
  return fd;
}

}  // namespace

SmallDisk::SmallDisk(std::uint64_t bytes) : fd_(new_tmpfs(bytes)) {
  if (fd_ < 0 && errno == EPERM && become_root_of_a_namespace()) fd_ = new_tmpfs(bytes);
  if (fd_ < 0) refusal_ = std::string("no tmpfs may be made here: ") + std::strerror(errno);
}

SmallDisk::~SmallDisk() {
  if (fd_ >= 0) ::close(fd_);
}

std::uint64_t SmallDisk::free_bytes() const {
  struct statvfs facts {};
  return ::fstatvfs(fd_, &facts) == 0 ? std::uint64_t{facts.f_bavail} * facts.f_frsize : 0;
}

}  // namespace daybook::test
