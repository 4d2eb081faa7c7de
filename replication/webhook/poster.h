// Makes the attempts of one target: a POST each, to an address that is allowed, within one
// deadline. Of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "replication/tls/trust.h"
#include "replication/webhook/destinations.h"
#include "replication/webhook/resolver.h"

namespace daybook::webhook {

// What is POSTed: `id` is the header `webhook-id`, the same with each attempt.
struct Message {
  std::string id;
  std::string body;
};

struct Outcome {
  enum class Kind : std::uint8_t {
    acked,      // 2xx
    later,      // 429 or 503 that said when: after `delay`
    failed,     // everything else
    cancelled,  // by `cancel`: whether it arrived is not known
  };
  Kind kind = Kind::failed;
  std::chrono::seconds delay{};  // later
  std::string reason;            // later and failed: for a person
};

class Poster {
 public:
  struct Target {
    std::string url;
    std::string key;  // see `signing_key`; empty: not signed
    std::chrono::milliseconds timeout{10'000};
    std::size_t idle_connections_max = 8;
  };
  // What all targets share.
  struct World {
    Destinations destinations;
    std::shared_ptr<const Trust> trust;
  };

  Poster(const boost::asio::any_io_executor& executor, std::shared_ptr<const World> world,
         Target target, Resolve resolve);
  // Every attempt has ended.
  ~Poster();
  Poster(const Poster&) = delete;
  Poster& operator=(const Poster&) = delete;

  // One attempt; several may be under way. The host is resolved for each, also when it uses a
  // connection that was kept: only one to an address that is allowed now. Redirects are failures.
  boost::asio::awaitable<Outcome> post(Message message);

  // Ends the attempts that are under way, and those to come.
  void cancel();

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace daybook::webhook
