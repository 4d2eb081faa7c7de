// Blocking Beast, a thread for each connection.
#include "tests/daemon/ctl/queue_server.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

#include "daemon/ctl/raw_json.h"

namespace daybook::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct QueueServer::Listener {
  asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

QueueServer::QueueServer(std::vector<std::string> events, int ack_timeout_ms)
    : listener_(std::make_unique<Listener>()),
      ack_timeout_ms_(ack_timeout_ms),
      events_(events.begin(), events.end()),
      thread_([this] { serve(); }) {}

QueueServer::~QueueServer() {
  ::shutdown(listener_->acceptor.native_handle(), SHUT_RDWR);  // ends a blocking accept
  thread_.join();
  for (std::thread& conversation : conversations_) conversation.join();
}

std::string QueueServer::url() const {
  return "http://127.0.0.1:" + std::to_string(listener_->acceptor.local_endpoint().port());
}

void QueueServer::refuse(const std::string& offset) {
  const std::lock_guard lock(mutex_);
  refused_.insert(offset);
}

void QueueServer::overload(const std::string& verb, int times) {
  const std::lock_guard lock(mutex_);
  overloads_[verb] = times;
}

void QueueServer::drop(const std::string& verb, int times) {
  const std::lock_guard lock(mutex_);
  drops_[verb] = times;
}

void QueueServer::forget_replays() {
  const std::lock_guard lock(mutex_);
  has_replays_ = false;
}

void QueueServer::hang(const std::string& verb) {
  const std::lock_guard lock(mutex_);
  hanging_.insert(verb);
}

std::vector<std::string> QueueServer::told(const std::string& verb) const {
  const std::lock_guard lock(mutex_);
  const auto found = told_.find(verb);
  return found == told_.end() ? std::vector<std::string>() : found->second;
}

bool QueueServer::wait_for(const std::string& verb, std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] {
    const auto found = told_.find(verb);
    return found != told_.end() && found->second.size() >= count;
  });
}

void QueueServer::serve() {
  for (;;) {
    auto connection = std::make_shared<tcp::socket>(listener_->io);
    error_code failed;
    listener_->acceptor.accept(*connection, failed);
    if (failed) return;
    conversations_.emplace_back([this, connection] { converse(*connection); });
  }
}

void QueueServer::converse(tcp::socket& socket) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    error_code failed;
    http::request<http::string_body> request;
    http::read(socket, buffer, request, failed);
    if (failed) return;
    const Reply reply = answer(request.target(), request.body());
    if (reply.drops) return socket.close();
    if (reply.hangs) continue;
    http::response<http::string_body> response{http::int_to_status(reply.status), 11};
    response.body() = reply.body;
    response.prepare_payload();
    http::write(socket, response, failed);
    if (failed) return;
  }
}

QueueServer::Reply QueueServer::answer(std::string_view target, const std::string& body) {
  const std::string verb(target.substr(target.rfind('/') + 1));
  {
    const std::lock_guard lock(mutex_);
    if (const auto left = drops_.find(verb); left != drops_.end() && left->second-- > 0)
      return {.drops = true};
    if (const auto left = overloads_.find(verb); left != overloads_.end() && left->second-- > 0)
      return {.status = 503, .body = R"({"code":"overloaded"})"};
    if (hanging_.contains(verb) && (verb != "fetch" || events_.empty())) {
      told_[verb].push_back(body);
      changed_.notify_all();
      return {.hangs = true};
    }
  }
  if (target == "/v1/groups/g")
    return {.body = R"({"mode":"queue","ack_timeout_ms":)" + std::to_string(ack_timeout_ms_) + '}'};
  if (verb == "fetch") return {.body = fetch(body)};
  const std::lock_guard lock(mutex_);
  told_[verb].push_back(body);
  changed_.notify_all();
  return settle(body);
}

QueueServer::Reply QueueServer::settle(const std::string& body) {
  if (!has_replays_ && !ctl::member(body, "replay_id").empty())
    return {.status = 404, .body = R"({"code":"not_found"})"};
  std::string refused;
  std::set<std::string> named;
  for (const std::string_view offset : ctl::elements(ctl::member(body, "offsets"))) {
    if (!named.emplace(offset).second) return {.status = 422, .body = R"({"code":"bad_value"})"};
    if (refused_.contains(std::string(offset)))
      refused += (refused.empty() ? "" : ",") + ("{\"offset\":" + std::string(offset) + '}');
  }
  return {.body = "{\"refused\":[" + refused + "]}"};
}

std::string QueueServer::fetch(const std::string& body) {
  std::unique_lock lock(mutex_);
  told_["fetch"].push_back(body);
  changed_.notify_all();
  const std::chrono::milliseconds wait(ctl::number(body, "wait_ms"));
  changed_.wait_for(lock, wait, [&] { return !events_.empty(); });
  std::string events;
  for (auto left = ctl::number(body, "max"); left > 0 && !events_.empty(); --left) {
    (events += events.empty() ? "" : ",") += events_.front();
    events_.pop_front();
  }
  return "{\"events\":[" + events + "],\"next_after\":null,\"generation\":null}";
}

}  // namespace daybook::testing
