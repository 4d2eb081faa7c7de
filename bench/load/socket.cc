// Loopback sockets and epoll.
#include "bench/load/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "bench/load/clock.h"

namespace daybook::load {
namespace {

std::atomic<bool> stop_asked{false};

void on_signal(int) {
  stop_asked = true;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd connect_loopback(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno("socket");
  const sockaddr_in address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_errno("connect");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Fd listen_loopback(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw_errno("socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_errno("bind");
  if (::listen(fd.get(), 1024) != 0) throw_errno("listen");
  return fd;
}

void set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) throw_errno("fcntl");
}

void set_receive_timeout(int fd, double seconds) {
  const std::int64_t ns = seconds_to_ns(seconds);
  const timeval timeout{.tv_sec = ns / kSecondNs, .tv_usec = ns % kSecondNs / 1000};
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0)
    throw_errno("SO_RCVTIMEO");
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t receive_some(int fd, std::span<char> into) {
  for (;;) {
    const ssize_t n = ::recv(fd, into.data(), into.size(), 0);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno == EINTR && asked_to_stop()) return 0;
    if (errno != EINTR) throw_errno("recv");
  }
}

void flush(int fd, std::string& out, std::size_t& sent) {
  while (sent < out.size()) {
    const ssize_t n = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (n < 0) throw_errno("send");
    sent += static_cast<std::size_t>(n);
  }
  out.clear();
  sent = 0;
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), ready_(512) {
  if (!epoll_) throw_errno("epoll_create1");
  // Without this a timer may come 50 µs late, which is half of what is to be measured.
  ::prctl(PR_SET_TIMERSLACK, 1);
}

void Poller::watch(int fd, void* tag) {
  watch_level(fd, tag, static_cast<std::uint32_t>(EPOLLIN | EPOLLOUT | EPOLLRDHUP) | EPOLLET);
}

void Poller::watch_level(int fd, void* tag, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl");
}

std::span<epoll_event> Poller::wait(std::int64_t timeout_ns) {
  if (timeout_ns < 0) timeout_ns = 0;
  const timespec timeout{.tv_sec = timeout_ns / kSecondNs, .tv_nsec = timeout_ns % kSecondNs};
  const int n = ::epoll_pwait2(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()),
                               &timeout, nullptr);
  if (n < 0 && errno != EINTR) throw_errno("epoll_pwait2");
  return std::span(ready_).first(n < 0 ? 0 : static_cast<std::size_t>(n));
}

bool asked_to_stop() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    return true;
  }();
  return installed && stop_asked;
}

}  // namespace daybook::load
