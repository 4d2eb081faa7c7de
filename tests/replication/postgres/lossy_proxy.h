// Between a client and the server: loses a COMMIT or the answer to it, and with it the connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace daybook::postgres {

class LossyProxy {
 public:
  enum class Loses : std::uint8_t { nothing, commit, answer };

  explicit LossyProxy(std::uint16_t server_port);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  std::uint16_t port() const { return port_; }
  // Of the next transaction that is committed.
  void lose(Loses what) { loses_ = what; }
  bool has_lost() const { return loses_ == Loses::nothing; }

 private:
  void accept();
  void carry(int client, int server);

  const std::uint16_t server_port_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<Loses> loses_{Loses::nothing};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace daybook::postgres
