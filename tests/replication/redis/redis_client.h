// A client that blocks, as the other side of what is tested: no reply takes longer than ten
// seconds.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "replication/redis/resp.h"

namespace daybook::testing {

// Throws std::runtime_error where the server is not there, or answers nothing.
class RedisClient {
 public:
  explicit RedisClient(std::uint16_t port, const std::string& password = {});
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  redis::Reply ask(const std::vector<std::string>& words);
  void send(const std::vector<std::string>& words);
  redis::Reply receive(int timeout_ms = 10'000);  // negative: however long it takes
  // Any thread: `receive` throws.
  void end();

 private:
  const int socket_;
  redis::ReplyReader reader_;
};

// Hears channels, from the moment that it is constructed on a thread of its own, so that it is
// never behind.
class Subscriber {
 public:
  using Message = std::pair<std::string, std::string>;  // channel, text

  Subscriber(std::uint16_t port, const std::vector<std::string>& patterns,
             const std::string& password = {});
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Waits until there are so many, at most twenty seconds, and gives all that it has heard.
  std::vector<Message> wait_for(std::size_t count);

 private:
  void hear();

  RedisClient client_;
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<Message> messages_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace daybook::testing
