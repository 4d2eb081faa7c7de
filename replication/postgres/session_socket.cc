#include "replication/postgres/session_socket.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace daybook::postgres {

namespace asio = boost::asio;
using Descriptor = asio::posix::descriptor_base;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

void SessionSocket::watch(int socket) {
  descriptor_.assign(socket);
}

void SessionSocket::release() {
  ++releases_;
  if (descriptor_.is_open()) descriptor_.release();
}

asio::awaitable<bool> SessionSocket::readable() {
  return wait(Descriptor::wait_read);
}

asio::awaitable<bool> SessionSocket::writable() {
  return wait(Descriptor::wait_write);
}

// A wait may have ended well and its coroutine be resumed only after a release: so it counts them.
asio::awaitable<bool> SessionSocket::wait(Descriptor::wait_type what) {
  const std::uint64_t releases = releases_;
  auto [failed] = co_await descriptor_.async_wait(what, kAsTuple);
  co_return !failed && releases == releases_;
}

asio::awaitable<bool> SessionSocket::readable_or_writable() {
  const std::uint64_t releases = releases_;
  auto both = asio::experimental::make_parallel_group(
      descriptor_.async_wait(Descriptor::wait_read, asio::deferred),
      descriptor_.async_wait(Descriptor::wait_write, asio::deferred));
  const asio::experimental::wait_for_one first;
  co_await both.async_wait(first, kAsTuple);
  co_return releases == releases_;
}

}  // namespace daybook::postgres
