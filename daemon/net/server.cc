#include "daemon/net/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "daemon/log/log.h"
#include "daemon/net/http_session.h"
#include "daemon/net/spawn.h"
#include "daemon/threads/listeners.h"

namespace daybook::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kSweepInterval{1};

struct HostAndPort {
  std::string host;
  std::string port;
};

HostAndPort split(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  std::string host = endpoint.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::move(host), colon == std::string::npos ? "" : endpoint.substr(colon + 1)};
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

}  // namespace

struct Server::Acceptor {
  explicit Acceptor(asio::io_context& context) : socket(context), pause(context) {}
  tcp::acceptor socket;
  asio::steady_timer pause;
};

Server::Server(IoThreads& threads, const http::Settings& settings) : threads_(threads) {
  change(settings);
  threads.each([this](IoThread& thread) { lanes_.push_back(std::make_unique<Lane>(thread)); });
}

Server::~Server() = default;

void Server::change(const http::Settings& settings) {
  settings_.store(std::make_shared<const http::Settings>(settings));
}

Result<void> Server::listen(const std::string& endpoint) {
  asio::io_context& context = threads_.next().context();
  const auto [host, port] = split(endpoint);
  boost::system::error_code failed;
  const auto addresses = tcp::resolver(context).resolve(host, port, failed);
  auto acceptor = std::make_unique<Acceptor>(context);
  if (!failed) {
    const tcp::endpoint address = *addresses.begin();
    acceptor->socket.open(address.protocol(), failed);
    if (!failed) acceptor->socket.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor->socket.bind(address, failed);
    if (!failed) acceptor->socket.listen(4096, failed);
  }
  if (failed)
    return Error{Errc::io_failed, "cannot listen on " + endpoint + ": " + failed.message()};
  endpoints_.push_back(to_text(acceptor->socket.local_endpoint()));
  acceptors_.push_back(std::move(acceptor));
  return {};
}

void Server::start() {
  for (auto& lane : lanes_) spawn(lane->thread.context(), "sweep", sweep(*lane));
  for (auto& acceptor : acceptors_) {
    auto& context = static_cast<asio::io_context&>(acceptor->socket.get_executor().context());
    spawn(context, "accept", accept(*acceptor));
  }
}

Lane& Server::next_lane() {
  return *lanes_[next_lane_.fetch_add(1) % lanes_.size()];
}

Awaitable<void> Server::accept(Acceptor& acceptor) {
  constexpr std::chrono::milliseconds kPause{100};
  while (!stopping()) {
    Lane& lane = next_lane();
    Socket socket(lane.thread.context());
    auto [failed] = co_await acceptor.socket.async_accept(socket, kAsTuple);
    if (failed && stopping()) break;
    if (failed) {
      // Out of descriptors, most likely: those who wait are accepted when there are some again.
      log::warning("accept_failed", {{"error", failed.message()}});
      acceptor.pause.expires_after(kPause);
      co_await acceptor.pause.async_wait(kAsTuple);
      continue;
    }
    spawn(lane.thread.context(), "http_session",
          serve_http(std::make_unique<HttpSession>(std::move(socket), lane, *this)));
  }
}

Awaitable<void> Server::sweep(Lane& lane) {
  while (!stopping()) {
    lane.sweep_timer.expires_after(kSweepInterval);
    co_await lane.sweep_timer.async_wait(kAsTuple);
    lane.connections.close_expired(std::chrono::steady_clock::now());
  }
}

void Server::stop(std::chrono::milliseconds deadline) {
  stopping_.store(true);
  for (auto& acceptor : acceptors_)
    asio::post(acceptor->socket.get_executor(), [&acceptor = *acceptor] {
      boost::system::error_code ignored;  // It was open, or it was closed.
      acceptor.socket.close(ignored);
      acceptor.pause.cancel();
    });
  for (auto& lane : lanes_) {
    lane->thread.listeners().stop();
    asio::post(lane->thread.context(), [&lane = *lane] {
      lane.sweep_timer.cancel();
      lane.connections.stop_all();
    });
  }
  const auto until = std::chrono::steady_clock::now() + deadline;
  constexpr std::chrono::milliseconds kPoll{5};
  while (live_tasks() > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kPoll);
  for (auto& lane : lanes_)
    asio::post(lane->thread.context(), [&lane = *lane] { lane.connections.close_all(); });
  while (live_tasks() > 0 && std::chrono::steady_clock::now() < until + deadline)
    std::this_thread::sleep_for(kPoll);
}

}  // namespace daybook::net
