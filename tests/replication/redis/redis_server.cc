#include "tests/replication/redis/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "tests/replication/identity.h"

namespace daybook::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ::bind(socket, reinterpret_cast<const sockaddr*>(&at), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(socket);
  return ntohs(at.sin_port);
}

bool wait_until(const std::function<bool()>& is_so) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

[[noreturn]] void become_server(const std::string& config, const std::string& log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execl("/usr/bin/redis-server", "redis-server", config.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

RedisServer::RedisServer(RedisOptions options) : options_(std::move(options)) {
  std::string name = std::filesystem::temp_directory_path() / "daybook_redis_XXXXXX";
  folder_ = ::mkdtemp(name.data());
  if (options_.tls) {
    const Identity identity = make_identity();
    std::ofstream(ca_file()) << identity.certificate;
    std::ofstream(folder_ + "/key.pem") << identity.key;
  }
  // Between the choice of a port and its use another process may take it.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    tls_port_ = options_.tls ? free_port() : 0;
    if (try_start()) return;
  }
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::configure() {
  std::ofstream out(folder_ + "/redis.conf");
  out << "port " << port_ << "\nbind 127.0.0.1\nrepl-diskless-sync-delay 0\nsave \"\"\ndir "
      << folder_ << '\n';
  if (!options_.password.empty()) out << "requirepass " << options_.password << '\n';
  if (!options_.password.empty()) out << "masterauth " << options_.password << '\n';
  if (options_.append_only) out << "appendonly yes\nappendfsync always\n";
  if (options_.tls)
    out << "tls-port " << tls_port_ << "\ntls-auth-clients no\ntls-cert-file " << ca_file()
        << "\ntls-ca-cert-file " << ca_file() << "\ntls-key-file " << folder_ << "/key.pem\n";
  for (const std::string& line : options_.lines) out << line << '\n';
}

bool RedisServer::try_start() {
  configure();
  const std::string config = folder_ + "/redis.conf";
  const std::string log = folder_ + "/log";
  process_ = ::fork();
  if (process_ == 0) become_server(config, log);
  bool is_gone = false;
  const auto answers_or_ends = [&] {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = 0;
      is_gone = true;
      return true;
    }
    try {
      return ask({"PING"}).text == "PONG";
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  return wait_until(answers_or_ends) && !is_gone;
}

void RedisServer::start() {
  if (try_start()) return;
  std::stringstream log;
  log << std::ifstream(folder_ + "/log").rdbuf();
  throw std::runtime_error("redis-server does not start:\n" + log.str());
}

void RedisServer::signal_and_wait(int signal) {
  if (process_ == 0) return;
  ::kill(process_, SIGCONT);
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

void RedisServer::stop() {
  signal_and_wait(SIGTERM);
}

void RedisServer::kill() {
  signal_and_wait(SIGKILL);
}

void RedisServer::pause() {
  ::kill(process_, SIGSTOP);
}

void RedisServer::resume() {
  ::kill(process_, SIGCONT);
}

std::string RedisServer::url(const std::string& credentials) const {
  return "redis://" + (credentials.empty() ? "" : credentials + "@") +
         "127.0.0.1:" + std::to_string(port_);
}

std::string RedisServer::tls_url() const {
  return "rediss://localhost:" + std::to_string(tls_port_);
}

redis::Reply RedisServer::ask(const std::vector<std::string>& words) const {
  return RedisClient(port_, options_.password).ask(words);
}

void RedisServer::follow(const RedisServer& primary) const {
  ask({"REPLICAOF", "127.0.0.1", std::to_string(primary.port())});
  wait_for(primary);
}

void RedisServer::wait_for(const RedisServer& primary) const {
  const auto offset = [](const RedisServer& server) {
    const redis::Reply role = server.ask({"ROLE"});
    return role.elements.at(role.elements.at(0).text == "master" ? 1 : 4).integer;
  };
  if (!wait_until([&] { return offset(*this) == offset(primary); }))
    throw std::runtime_error("the replica does not follow");
}

void RedisServer::promote() const {
  ask({"REPLICAOF", "NO", "ONE"});
}

}  // namespace daybook::testing
