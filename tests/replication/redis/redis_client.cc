#include "tests/replication/redis/redis_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace daybook::testing {
namespace {

using redis::Reply;

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return socket;
  ::close(socket);
  throw std::runtime_error("no server listens at " + std::to_string(port));
}

std::vector<std::string> subscription(const std::vector<std::string>& patterns) {
  std::vector<std::string> words{"PSUBSCRIBE"};
  words.insert(words.end(), patterns.begin(), patterns.end());
  return words;
}

}  // namespace

RedisClient::RedisClient(std::uint16_t port, const std::string& password)
    : socket_(connect_to(port)) {
  if (!password.empty()) ask({"AUTH", password});
}

RedisClient::~RedisClient() {
  ::close(socket_);
}

Reply RedisClient::ask(const std::vector<std::string>& words) {
  send(words);
  return receive();
}

void RedisClient::send(const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  std::string command;
  redis::append_command(command, views);
  for (std::string_view rest = command; !rest.empty();) {
    const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the server is gone");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Reply RedisClient::receive(int timeout_ms) {
  std::array<char, 16 << 10> room{};
  for (;;) {
    auto reply = reader_.take();
    if (!reply) throw std::runtime_error(reply.error().detail);
    if (*reply) return std::move(**reply);
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, timeout_ms) <= 0) throw std::runtime_error("the server is silent");
    const auto size = ::recv(socket_, room.data(), room.size(), 0);
    if (size <= 0) throw std::runtime_error("the server is gone");
    reader_.feed({room.data(), static_cast<std::size_t>(size)});
  }
}

void RedisClient::end() {
  ::shutdown(socket_, SHUT_RDWR);
}

Subscriber::Subscriber(std::uint16_t port, const std::vector<std::string>& patterns,
                       const std::string& password)
    : client_(port, password) {
  client_.send(subscription(patterns));
  for (std::size_t i = 0; i < patterns.size(); ++i) client_.receive();
  thread_ = std::thread(&Subscriber::hear, this);
}

Subscriber::~Subscriber() {
  client_.end();
  thread_.join();
}

void Subscriber::hear() {
  try {
    for (;;) {
      Reply reply = client_.receive(-1);
      const std::scoped_lock lock(mutex_);
      messages_.emplace_back(std::move(reply.elements.at(2).text),
                             std::move(reply.elements.at(3).text));
      heard_.notify_all();
    }
  } catch (const std::exception&) {
    // The server is gone, or this is.
  }
  const std::scoped_lock lock(mutex_);
  is_over_ = true;
  heard_.notify_all();
}

std::vector<Subscriber::Message> Subscriber::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  heard_.wait_for(lock, std::chrono::seconds(20),
                  [&] { return is_over_ || messages_.size() >= count; });
  return messages_;
}

}  // namespace daybook::testing
