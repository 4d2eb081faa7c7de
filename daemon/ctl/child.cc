// posix_spawn(3): the input is a file in memory, so that nobody has to write it piece by piece.
#include "daemon/ctl/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "daemon/ctl/context.h"

namespace daybook::ctl {
namespace {

constexpr std::size_t kPipeBytes = 64 << 10;  // what a pipe holds
constexpr std::size_t kTailBytes = 4096;

Failure broken(const std::string& what, int error) {
  return {Exit::usage, what + ": " + std::strerror(error)};
}

Fd checked(int fd) {
  if (fd < 0) throw broken("cannot start a process", errno);
  return Fd(fd);
}

Fd in_memory(std::string_view bytes) {
  Fd file = checked(memfd_create("event", MFD_CLOEXEC));
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0) throw broken("cannot keep an event for a process", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// Pointers as exec wants them; the texts have to stay.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  return out;
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

// How the process starts: its three files, nothing blocked, SIGPIPE as ever, a group of its own.
class Spawn {
 public:
  Spawn(int input, int error) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files_, error, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &pipe);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  pid_t run(std::vector<std::string> command, std::vector<std::string> environment) const {
    std::vector<char*> variables = pointers(environment);
    for (char** inherited = environ; *inherited != nullptr; ++inherited)
      if (std::ranges::find(environment, name_of(*inherited), name_of) == environment.end())
        variables.push_back(*inherited);
    variables.push_back(nullptr);
    std::vector<char*> arguments = pointers(command);
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int failed =
        posix_spawnp(&pid, arguments[0], &files_, &attributes_, arguments.data(), variables.data());
    if (failed != 0) throw broken("cannot run " + command.front(), failed);
    return pid;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Child::Child(const std::vector<std::string>& command, std::vector<std::string> environment,
             std::string_view input) {
  const Fd file = in_memory(input);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw broken("cannot start a process", errno);
  error_ = Fd(ends[0]);
  const Fd written(ends[1]);
  ::fcntl(error_.get(), F_SETFL, O_NONBLOCK);  // our end alone
  pid_ = Spawn(file.get(), written.get()).run(command, std::move(environment));
  // glibc 2.36 declares pidfd_open without C linkage.
  ended_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (ended_.get() >= 0) return;
  const int failed = errno;
  kill();
  ::waitpid(pid_, nullptr, 0);
  throw broken("cannot watch a process", failed);
}

Child::~Child() {
  if (pid_ < 0) return;
  kill();
  ::waitpid(pid_, nullptr, 0);
}

std::string Child::read_error() {
  if (error_.get() < 0) return {};
  char bytes[kPipeBytes];
  const ssize_t read = ::read(error_.get(), bytes, sizeof bytes);
  if (read == 0) error_.reset();
  if (read <= 0) return {};
  std::string text(bytes, static_cast<std::size_t>(read));
  tail_ += text;
  if (tail_.size() > kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  return text;
}

std::string Child::last_line() const {
  const std::size_t last = tail_.find_last_not_of("\r\n");
  if (last == std::string::npos) return {};
  const std::size_t before = tail_.find_last_of("\r\n", last);
  const std::size_t first = before == std::string::npos ? 0 : before + 1;
  return tail_.substr(first, last + 1 - first);
}

std::optional<int> Child::end() {
  int status = 0;
  if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return status;
}

void Child::kill() {
  if (pid_ >= 0) ::kill(-pid_, SIGKILL);
}

}  // namespace daybook::ctl
