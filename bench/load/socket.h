// Loopback sockets and epoll: as little as the generator needs. Failures throw std::system_error.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::load {

[[noreturn]] void throw_errno(const char* what);

// A descriptor, closed on destruction.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A blocking connection to 127.0.0.1, with Nagle's delay off.
Fd connect_loopback(std::uint16_t port);
Fd listen_loopback(std::uint16_t port);  // non-blocking
void set_nonblocking(int fd);
void set_receive_timeout(int fd, double seconds);
void send_all(int fd, std::string_view bytes);
// Blocks for at least one byte; an empty result is the end or the receive timeout.
std::size_t receive_some(int fd, std::span<char> into);

// Sends from `sent` on without blocking; what the kernel did not take stays. Empties `out` when all
// of it is gone.
void flush(int fd, std::string& out, std::size_t& sent);

class Poller {
 public:
  Poller();
  // Edge-triggered, for reading and writing alike: whoever is told reads until a short read.
  void watch(int fd, void* tag);
  void watch_level(int fd, void* tag, std::uint32_t events);
  // Waits up to `timeout_ns`; the span is valid until the next call.
  std::span<epoll_event> wait(std::int64_t timeout_ns);

 private:
  Fd epoll_;
  std::vector<epoll_event> ready_;
};

// True once SIGTERM or SIGINT came. The first call installs the handler.
bool asked_to_stop();

}  // namespace daybook::load
