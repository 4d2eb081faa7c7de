#include "daemon/net/spawn.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>

#include "daemon/log/log.h"

namespace daybook::net {
namespace {

std::atomic<std::size_t> g_live{0};

// What a coroutine ends with.
struct Ended {
  const char* name;
  void operator()(std::exception_ptr escaped) const {
    --g_live;
    if (!escaped) return;
    try {
      std::rethrow_exception(escaped);
    } catch (const std::exception& error) {
      log::error("task_failed", {{"task", name}, {"error", error.what()}});
    }
  }
};

}  // namespace

void spawn(boost::asio::io_context& context, const char* name, Awaitable<void> task) {
  ++g_live;
  boost::asio::co_spawn(context, std::move(task), Ended{name});
}

std::size_t live_tasks() {
  return g_live.load();
}

}  // namespace daybook::net
