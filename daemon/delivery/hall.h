// The desks of one io thread. They open when somebody comes, and close by themselves.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "daemon/delivery/desk.h"
#include "daemon/delivery/directory.h"

namespace daybook {

class Hall {
 public:
  Hall(IoThread& io, const DeskTools& tools, Directory& directory);
  Hall(const Hall&) = delete;
  Hall& operator=(const Hall&) = delete;

  // Any thread: `visit` is called with the hall on its io thread, in the order of these calls.
  template <class Visit>
  void enter(Visit visit) {
    boost::asio::post(io_.context(), [this, visit = std::move(visit)]() mutable { visit(*this); });
  }

  // The io thread. nullptr: the daemon stops.
  Desk* open(const std::string& desk);
  Desk* find(const std::string& desk);
  // Desks finish what was brought to them; none opens any more.
  void stop();

 private:
  Awaitable<void> serve(Desk& desk, std::string name);
  void sweep_later();

  IoThread& io_;
  const DeskTools tools_;
  Directory& directory_;
  Pace pace_{io_.context()};
  std::map<std::string, std::unique_ptr<Desk>> desks_;
  boost::asio::steady_timer sweep_;  // one for all of them, while there are some
  bool sweeps_ = false;
  bool stopped_ = false;
};

}  // namespace daybook
