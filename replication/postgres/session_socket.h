// Waits for the socket of a libpq connection, which stays libpq's own. Of one thread, one wait at a
// time; `release` may come in between.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>

namespace daybook::postgres {

class SessionSocket {
 public:
  explicit SessionSocket(const boost::asio::any_io_executor& executor) : descriptor_(executor) {}
  ~SessionSocket() { release(); }
  SessionSocket(const SessionSocket&) = delete;
  SessionSocket& operator=(const SessionSocket&) = delete;

  // Must be released before libpq closes that socket: descriptors are numbered anew at once.
  void watch(int socket);
  void release();

  // False: it was released meanwhile, and what it belonged to may be gone.
  boost::asio::awaitable<bool> readable();
  boost::asio::awaitable<bool> writable();
  boost::asio::awaitable<bool> readable_or_writable();

 private:
  boost::asio::awaitable<bool> wait(boost::asio::posix::descriptor_base::wait_type what);

  boost::asio::posix::stream_descriptor descriptor_;
  std::uint64_t releases_ = 0;
};

}  // namespace daybook::postgres
