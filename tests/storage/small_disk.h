// A real file system of a few megabytes that really fills up: a tmpfs of this process's own.
#pragma once

#include <cstdint>
#include <string>

namespace daybook::test {

// Mounted nowhere: it is reached through its descriptor, and gone with it, however the process
// ends. Without the right to mount, the process moves to a user and mount namespace of its own,
// which only a process of one thread may.
class SmallDisk {
 public:
  explicit SmallDisk(std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Why there is none; empty: there is one.
  const std::string& refusal() const { return refusal_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  std::uint64_t free_bytes() const;

 private:
  int fd_ = -1;
  std::string refusal_;
};

}  // namespace daybook::test
