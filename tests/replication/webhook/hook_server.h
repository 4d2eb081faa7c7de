// An HTTP endpoint on loopback that answers what the test says, plain or TLS. A thread for each
// connection: an answer may block as long as it likes.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/replication/identity.h"

namespace daybook::webhook {

struct Received {
  std::size_t connection = 0;  // from 1, in the order they were accepted
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// The bytes of an answer; empty: the connection is closed instead.
using Answering = std::function<std::string(const Received&)>;

// "HTTP/1.1 <status>", the headers ("name: value\r\n" each), and the body.
std::string answer(const std::string& status, const std::string& body = {},
                   const std::string& headers = {});

class HookServer {
 public:
  explicit HookServer(Answering answering, std::optional<Identity> identity = std::nullopt,
                      const char* address = "127.0.0.1");
  ~HookServer();  // closes everything
  HookServer(const HookServer&) = delete;
  HookServer& operator=(const HookServer&) = delete;

  std::uint16_t port() const;
  // "http://127.0.0.1:PORT/hook", or another host.
  std::string url(const std::string& host = "127.0.0.1") const;
  std::vector<Received> received() const;
  std::size_t connections() const;  // that were accepted

 private:
  struct Listening;
  void accept();
  template <class Stream>
  void serve(Stream& stream, std::size_t connection);

  const Answering answering_;
  const std::unique_ptr<Listening> listening_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::size_t connections_ = 0;
  std::vector<std::thread> threads_;
};

// Holds answers back until it is opened.
class Gate {
 public:
  void open();
  void wait();

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

}  // namespace daybook::webhook
