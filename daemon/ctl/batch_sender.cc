// Sends batches one after the other, so that events stay in the order of their file.
#include "daemon/ctl/batch_sender.h"

#include <charconv>
#include <chrono>
#include <thread>

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {
namespace {

constexpr std::size_t kBatchBytes = 8 << 20;
constexpr int kOverloadedTries = 10;

std::chrono::seconds retry_after(const client::HttpResponse& response) {
  unsigned seconds = 1;
  const std::string_view text = response.header("Retry-After");
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::min(seconds, 10u));
}

}  // namespace

std::string Appended::to_json() const {
  const auto number = [](const std::string& offset) {
    return offset.empty() ? std::string("null") : offset;
  };
  return "{\"events\":" + std::to_string(events) + ",\"replayed\":" + std::to_string(replayed) +
         ",\"batches\":" + std::to_string(batches) + ",\"first_offset\":" + number(first_offset) +
         ",\"last_offset\":" + number(last_offset) + '}';
}

std::string Appended::to_text() const {
  std::string text = std::to_string(events) + (events == 1 ? " event" : " events");
  if (events == 0) return text;
  text += ", offsets " + first_offset + " to " + last_offset + ", in " + std::to_string(batches) +
          (batches == 1 ? " batch" : " batches");
  if (replayed > 0) text += "; " + std::to_string(replayed) + " of them were there already";
  return text;
}

void BatchSender::add(std::string_view event) {
  if (events_ > 0 && body_.size() + event.size() > kBatchBytes) send();
  body_ += events_ == 0 ? '[' : ',';
  body_ += event;
  if (++events_ == events_max_) send();
}

void BatchSender::finish() {
  if (events_ > 0) send();
}

// An overloaded daemon has written nothing, and says when to come again.
client::HttpResponse BatchSender::post() const {
  for (int tries = 1;; ++tries) {
    auto response =
        context_.connection().send({.method = "POST", .target = "/v1/events", .body = body_});
    if (!response)
      throw Failure(Exit::unreachable,
                    response.error().detail + "\nin the log before that: " + appended_.to_text() +
                        "; whether the next " + std::to_string(events_) +
                        " are is not known. Events with ids can be appended again without harm.");
    if (!is_problem(*response, "overloaded") || tries == kOverloadedTries)
      return *std::move(response);
    std::this_thread::sleep_for(retry_after(*response));
  }
}

void BatchSender::send() {
  body_ += ']';
  const client::HttpResponse response = post();
  if (!response.is_success()) {
    const Failure refused = refusal(context_, response);
    if (context_.json || appended_.events + events_ == 1) throw refused;
    throw Failure(refused.exit(), refused.text() +
                                      "\nin the log before that: " + appended_.to_text() +
                                      "; of the next " + std::to_string(events_) + ", none.");
  }
  appended_.events += events_;
  appended_.batches += 1;
  if (member(response.body, "replayed") == "true") appended_.replayed += events_;
  if (appended_.first_offset.empty())
    appended_.first_offset = ctl::to_text(member(response.body, "first_offset"));
  appended_.last_offset = ctl::to_text(member(response.body, "last_offset"));
  body_.clear();
  events_ = 0;
}

}  // namespace daybook::ctl
