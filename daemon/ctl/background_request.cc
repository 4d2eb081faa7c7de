// A thread for the time of a request: it costs less than the process that its answer leads to.
#include "daemon/ctl/background_request.h"

#include <sys/eventfd.h>

namespace daybook::ctl {

BackgroundRequest::BackgroundRequest(client::Url url, client::HttpClient::Milliseconds timeout)
    : http_(std::move(url), timeout), done_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void BackgroundRequest::send(client::HttpRequest request) {
  answer_ = std::async(std::launch::async, [this, request = std::move(request)] {
    Answer answer = http_.send(request);
    eventfd_write(done_.get(), 1);
    return answer;
  });
}

std::optional<BackgroundRequest::Answer> BackgroundRequest::take() {
  eventfd_t count = 0;
  if (eventfd_read(done_.get(), &count) != 0) return std::nullopt;
  return answer_.get();
}

}  // namespace daybook::ctl
