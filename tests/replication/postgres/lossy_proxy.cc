#include "tests/replication/postgres/lossy_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace daybook::postgres {
namespace {

constexpr std::string_view kCommit("COMMIT\0", 7);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string_view receive(int from, std::array<char, 65536>& buffer) {
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

}  // namespace

LossyProxy::LossyProxy(std::uint16_t server_port)
    : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&LossyProxy::accept, this);
}

LossyProxy::~LossyProxy() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

// One connection after the other.
void LossyProxy::accept() {
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 10) <= 0) continue;
    const int client = ::accept(listener_, nullptr, nullptr);
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(server_port_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      carry(client, server);
    ::close(client);
    ::close(server);
  }
}

void LossyProxy::carry(int client, int server) {
  std::array<char, 65536> buffer{};
  while (!stopping_) {
    std::array<pollfd, 2> waiting{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), 10) <= 0) continue;
    if (waiting[1].revents != 0) {
      const std::string_view answer = receive(server, buffer);
      if (answer.empty() || !send_all(client, answer)) return;
    }
    if (waiting[0].revents == 0) continue;
    const std::string_view question = receive(client, buffer);
    if (question.empty()) return;
    const Loses loses = loses_;
    const bool commits = question.find(kCommit) != std::string_view::npos;
    if (commits && loses != Loses::nothing) {
      loses_ = Loses::nothing;
      if (loses == Loses::commit || !send_all(server, question)) return;
      receive(server, buffer);  // It is committed.
      return;
    }
    if (!send_all(server, question)) return;
  }
}

}  // namespace daybook::postgres
