// One run of a command.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ctl/fd.h"

namespace daybook::ctl {

// A process with a process group of its own, so that a Ctrl-C at the terminal is not its business.
// It has standard input, output and error, and no other descriptor of ours. It may leave its input
// unread and write what it likes: neither stops it or us.
class Child {
 public:
  // `environment` has NAME=value, and wins over ours. Throws Failure (usage) where the command
  // cannot be run.
  Child(const std::vector<std::string>& command, std::vector<std::string> environment,
        std::string_view input);
  ~Child();  // kills what has not ended
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // To be polled: the first is readable once the process has ended, the second while it has
  // written to standard error or closed it (-1: that was seen).
  int ended_fd() const { return ended_.get(); }
  int error_fd() const { return error_.get(); }

  // What it has written to standard error since the last time, at most 64 KiB. Never blocks.
  std::string read_error();
  // The last line of it that is not empty; of a very long one the end.
  std::string last_line() const;

  // The status of waitpid(2), once it has ended.
  std::optional<int> end();
  void kill();  // and all of its process group

 private:
  pid_t pid_ = -1;  // -1: has ended
  Fd ended_;
  Fd error_;
  std::string tail_;  // of standard error
};

}  // namespace daybook::ctl
