// A small blocking WebSocket client: for tests and tools.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/client/url.h"
#include "storage/base/result.h"

namespace daybook::client {

// One connection. Not for several threads.
class WsClient {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Connects and upgrades. Fails with io_failed; where the server answered with another status, the
  // detail begins with it ("403 …").
  static Result<WsClient> connect(const Url& url, std::string_view target = "/v1/ws",
                                  const Headers& headers = {},
                                  Milliseconds timeout = Milliseconds{10'000});
  ~WsClient();  // drops the connection without a word
  WsClient(WsClient&&) noexcept;
  WsClient& operator=(WsClient&&) noexcept;

  // Sends one text frame.
  Result<void> send(std::string_view text);
  Result<void> send_binary(std::string_view bytes);

  // The next message; nullopt if none came in time, and the connection lives on. Fails with
  // shutting_down once the server has closed it: `close_code` tells why.
  Result<std::optional<std::string>> receive(Milliseconds timeout);

  // Says goodbye and waits for the server's.
  Result<void> close();
  unsigned close_code() const;  // of the server's close frame; 0: none came

 private:
  class Connection;
  explicit WsClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace daybook::client
