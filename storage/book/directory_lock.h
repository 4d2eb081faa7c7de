// The file `LOCK`: one process works in a data directory. Released when the object, or the process,
// ends.
#pragma once

#include <memory>
#include <string>

#include "storage/base/result.h"

namespace daybook {

class DirectoryLock {
 public:
  // Fails with `overloaded`, naming the directory, where another process holds it.
  static Result<std::unique_ptr<DirectoryLock>> take(const std::string& data_dir);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

}  // namespace daybook
