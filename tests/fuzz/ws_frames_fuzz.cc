// A whole WebSocket session over a log in memory: every line of the input is a frame. Whatever is
// sent, the session answers in JSON, and ends when it is told to.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/json/minify.h"
#include "protocol/ws/session.h"
#include "storage/base/check.h"
#include "tests/protocol/fake_backend.h"

namespace daybook::ws {
namespace {

class Client final : public TaskOwner {
 public:
  Client() : session_(backend_.port, {}, *this, io_.get_executor()) {
    backend_.log.add_many(20);
    add_queue();
    spawn("deliver", session_.deliver());
    spawn("take", take());
  }

  void send(std::string_view frame) {
    spawn("hear", session_.heard(std::string(frame)));
    run();
  }

  void end() {
    session_.close("the end");
    run();
    CHECK(live_ == 0);
  }

  void spawn(const char*, Awaitable<void> task) override {
    ++live_;
    boost::asio::co_spawn(io_, std::move(task), [this](const std::exception_ptr& error) {
      CHECK(!error);
      --live_;
    });
  }

 private:
  // "q", for frames that name it.
  void add_queue() {
    PutGroup put;
    put.group = "q";
    put.settings.mode = GroupMode::queue;
    boost::asio::co_spawn(io_, backend_.groups.put(std::move(put)),
                          [](const std::exception_ptr&, const Result<GroupPort::Put>&) {});
    run();
  }

  Awaitable<void> take() {
    for (;;) {
      const std::optional<std::string> frame = co_await session_.outbox().pop();
      if (!frame) co_return;
      std::string out(frame->size(), '\0');
      CHECK(json::minify(*frame, out.data(), json::minify_depth_max).broken ==
            json::Broken::nothing);
    }
  }

  void run() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }

  boost::asio::io_context io_;
  daybook::testing::FakeBackend backend_;
  std::size_t live_ = 0;
  Session session_;
};

void play(std::string_view frames) {
  Client client;
  while (!frames.empty()) {
    const std::size_t end = std::min(frames.find('\n'), frames.size());
    client.send(frames.substr(0, end));
    frames.remove_prefix(std::min(end + 1, frames.size()));
  }
  client.end();
}

}  // namespace
}  // namespace daybook::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  daybook::ws::play({reinterpret_cast<const char*>(data), size});
  return 0;
}
