// A request whose answer may take its time: whoever asks polls for it.
#pragma once

#include <future>
#include <optional>

#include "daemon/ctl/fd.h"
#include "protocol/client/http_client.h"

namespace daybook::ctl {

// One at a time, over a connection of its own.
class BackgroundRequest {
 public:
  using Answer = Result<client::HttpResponse>;

  BackgroundRequest(client::Url url, client::HttpClient::Milliseconds timeout);
  ~BackgroundRequest() = default;  // waits for the answer, or for the end of what was cancelled
  BackgroundRequest(const BackgroundRequest&) = delete;
  BackgroundRequest& operator=(const BackgroundRequest&) = delete;

  void send(client::HttpRequest request);
  bool is_pending() const { return answer_.valid(); }
  int fd() const { return done_.get(); }  // readable once the answer is there
  std::optional<Answer> take();           // nullopt: not yet
  void cancel() { http_.cancel(); }       // soon answered with a failure, as all later ones

 private:
  client::HttpClient http_;
  Fd done_;
  std::future<Answer> answer_;  // last: ends first
};

}  // namespace daybook::ctl
