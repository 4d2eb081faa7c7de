// A connection as the io thread that owns it sees it: something with a deadline that can be
// stopped.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <list>

namespace daybook::net {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Connection {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  virtual ~Connection() = default;

  // Ends as soon as it may: idle now, busy after its answer, streams with a goodbye.
  virtual void stop() = 0;
  // Ends now.
  virtual void close() = 0;

  // When it is to be closed unless something happens first.
  Moment deadline() const { return deadline_; }

 protected:
  void expires_after(std::chrono::seconds time) {
    deadline_ = std::chrono::steady_clock::now() + time;
  }
  void expires_never() { deadline_ = Moment::max(); }

 private:
  Moment deadline_ = Moment::max();
};

// All connections of one io thread.
class Connections {
 public:
  using Place = std::list<Connection*>::iterator;

  Place add(Connection& connection) { return all_.insert(all_.end(), &connection); }
  void remove(Place place) { all_.erase(place); }
  std::size_t count() const { return all_.size(); }

  void stop_all() {
    // A connection that is stopped may leave the list at once.
    for (auto it = all_.begin(); it != all_.end();) (*it++)->stop();
  }
  void close_all() {
    for (auto it = all_.begin(); it != all_.end();) (*it++)->close();
  }
  void close_expired(Connection::Moment now) {
    for (auto it = all_.begin(); it != all_.end();) {
      Connection* const connection = *it++;
      if (connection->deadline() < now) connection->close();
    }
  }

 private:
  std::list<Connection*> all_;
};

}  // namespace daybook::net
