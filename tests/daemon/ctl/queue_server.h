// An HTTP server with one queue group, `g`, that gives each event once and remembers what it was
// told: for tests of whoever works on a queue.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace daybook::testing {

// Any number of connections, which have to be closed before it is destroyed.
class QueueServer {
 public:
  explicit QueueServer(std::vector<std::string> events, int ack_timeout_ms = 30'000);
  ~QueueServer();

  std::string url() const;
  // Before it is asked: leases on this offset are refused; the next requests of this kind (fetch,
  // ack, …) are answered with 503, or not at all.
  void refuse(const std::string& offset);
  void overload(const std::string& verb, int times);
  void drop(const std::string& verb, int times);
  // What is of a replay is 404; a request of this kind that has no event to bring is not answered.
  void forget_replays();
  void hang(const std::string& verb);

  // The bodies of the requests of a kind.
  std::vector<std::string> told(const std::string& verb) const;
  // Waits until so many came; false after 10 s.
  bool wait_for(const std::string& verb, std::size_t count) const;

 private:
  struct Listener;
  struct Reply {
    unsigned status = 200;
    std::string body{};
    bool drops = false;
    bool hangs = false;
  };
  void serve();
  void converse(boost::asio::ip::tcp::socket& socket);
  Reply answer(std::string_view target, const std::string& body);
  Reply settle(const std::string& body);
  std::string fetch(const std::string& body);

  std::unique_ptr<Listener> listener_;
  const int ack_timeout_ms_;
  mutable std::mutex mutex_;  // guards all up to the threads
  mutable std::condition_variable changed_;
  std::deque<std::string> events_;
  std::set<std::string> refused_;
  std::map<std::string, int> overloads_;
  std::map<std::string, int> drops_;
  std::set<std::string> hanging_;
  bool has_replays_ = true;
  std::map<std::string, std::vector<std::string>> told_;
  std::vector<std::thread> conversations_;
  std::thread thread_;
};

}  // namespace daybook::testing
