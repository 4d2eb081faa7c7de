// A real Redis 7 on loopback, in a temporary folder. It ends with the test, also when that crashes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/replication/redis/redis_client.h"

namespace daybook::testing {

struct RedisOptions {
  std::string password;            // of the user "default"
  bool tls = false;                // listens with TLS, too
  bool append_only = false;        // what it has acknowledged survives a kill
  std::vector<std::string> lines;  // of its configuration: "user events on >secret ~* &* +publish"
};

class RedisServer {
 public:
  explicit RedisServer(RedisOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // On the same port as before. Returns once it answers.
  void start();
  void stop();  // as an operator does
  void kill();
  void pause();   // SIGSTOP
  void resume();  // SIGCONT

  std::uint16_t port() const { return port_; }
  // "redis://127.0.0.1:PORT", with "user:password@" where that is given.
  std::string url(const std::string& credentials = {}) const;
  // "rediss://localhost:PORT".
  std::string tls_url() const;
  // The certificate that TLS has to trust.
  std::string ca_file() const { return folder_ + "/certificate.pem"; }

  // As the user "default".
  redis::Reply ask(const std::vector<std::string>& words) const;
  void follow(const RedisServer& primary) const;
  // Until it has all that the primary, which is idle, has.
  void wait_for(const RedisServer& primary) const;
  void promote() const;

 private:
  bool try_start();
  void configure();
  void signal_and_wait(int signal);

  const RedisOptions options_;
  std::string folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  pid_t process_ = 0;
};

}  // namespace daybook::testing
