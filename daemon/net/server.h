// Listens, and serves connections until it is stopped.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/net/connection.h"
#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "protocol/http/routes.h"
#include "storage/base/result.h"

namespace daybook::net {

// What the connections of one io thread share.
struct Lane {
  explicit Lane(IoThread& io) : thread(io), sweep_timer(io.context()) {}
  IoThread& thread;
  Connections connections;  // the io thread alone
  boost::asio::steady_timer sweep_timer;
};

class Server {
 public:
  Server(IoThreads& threads, const http::Settings& settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds "host:port". Fails naming the address.
  Result<void> listen(const std::string& endpoint);
  // The bound addresses; a port 0 that was asked for is replaced by the one that was given.
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  // Begins to accept. Until `serve` every request is answered 503 `recovering`.
  void start();
  void serve(Backend& backend) { backend_.store(&backend); }

  // Any thread.
  void change(const http::Settings& settings);
  // Stops accepting, lets every connection end by itself, closes what is left at the deadline.
  void stop(std::chrono::milliseconds deadline);

  // For sessions.
  Backend* backend() const { return backend_.load(); }
  std::shared_ptr<const http::Settings> settings() const { return settings_.load(); }
  bool stopping() const { return stopping_.load(); }

 private:
  struct Acceptor;
  Awaitable<void> accept(Acceptor& acceptor);
  Awaitable<void> sweep(Lane& lane);
  Lane& next_lane();

  IoThreads& threads_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::size_t> next_lane_{0};
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::string> endpoints_;
  std::atomic<Backend*> backend_{nullptr};
  std::atomic<std::shared_ptr<const http::Settings>> settings_;
  std::atomic<bool> stopping_{false};
};

}  // namespace daybook::net
