// Appends and what sees them in one epoll, so that neither time waits for the other.
#include "bench/load/posting.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <deque>
#include <stdexcept>
#include <vector>

#include "bench/load/clock.h"
#include "bench/load/corpus.h"
#include "bench/load/http_exchange.h"
#include "bench/load/socket.h"
#include "bench/load/witness.h"

namespace daybook::load {
namespace {

constexpr std::string_view kFirstOffset = "\"first_offset\":";
constexpr std::int64_t kPatienceNs = 30 * kSecondNs;

// One append under way at a time.
struct Appender {
  Appender(std::uint16_t port, Corpus& corpus)
      : fd(connect_loopback(port)), exchange(corpus, "/v1/events", 1) {
    set_nonblocking(fd.get());
  }
  Fd fd;
  HttpExchange exchange;
  std::string in;
  std::int64_t due = 0;
};

class Posting {
 public:
  explicit Posting(const PostingOptions& options)
      : options_(options),
        witness_(options.redis_port != 0 ? witness_redis(options.redis_port, options.channel)
                                         : witness_postgres(options.conninfo)) {
    poller_.watch_level(witness_->fd(), witness_.get(), EPOLLIN);
    for (unsigned i = 0; i < options.connections; ++i) {
      Appender& appender = appenders_.emplace_back(options.port, corpus_);
      poller_.watch_level(appender.fd.get(), &appender, EPOLLIN);
      idle_.push_back(&appender);
    }
  }

  PostingMeasured run() {
    const std::int64_t begin = now_ns();
    const std::int64_t last_due = begin + seconds_to_ns(options_.seconds);
    const std::int64_t interval = seconds_to_ns(1 / options_.events_per_second);
    std::int64_t due = begin;
    while ((due < last_due || missing_ > 0 || idle_.size() < appenders_.size()) &&
           !asked_to_stop()) {
      const std::int64_t now = now_ns();
      if (now > last_due + kPatienceNs) throw std::runtime_error("events were not seen in 30 s");
      for (; due <= now && due < last_due && !idle_.empty(); due += interval) append(due);
      hear(std::max<std::int64_t>(0, std::min(due - now_ns(), kSecondNs / 1000)));
    }
    Measured& seen = measured_.seen;
    seen.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    seen.requests = seen.requests_total = seen.events_total = seen.events;
    return std::move(measured_);
  }

 private:
  void append(std::int64_t due) {
    Appender& appender = *idle_.back();
    idle_.pop_back();
    std::string request;
    appender.exchange.write_next(request);
    appender.due = due;
    send_all(appender.fd.get(), request);
  }

  void hear(std::int64_t timeout_ns) {
    for (const epoll_event& event : poller_.wait(timeout_ns))
      if (event.data.ptr == witness_.get())
        hear_witness();
      else
        hear_appender(*static_cast<Appender*>(event.data.ptr));
    const std::int64_t pause = witness_->pause_ns();
    if (pause > 0 && now_ns() >= next_question_) {
      hear_witness();
      next_question_ = now_ns() + pause;
    }
  }

  void hear_appender(Appender& appender) {
    std::array<char, 4096> bytes;
    const ssize_t n = ::recv(appender.fd.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) throw std::runtime_error("the server closed a connection");
    const std::int64_t now = now_ns();
    appender.in.append(bytes.data(), static_cast<std::size_t>(n));
    const std::string answer = appender.in;
    std::string nothing;
    const Scanned scanned = appender.exchange.scan(appender.in, nothing);
    appender.in.erase(0, scanned.consumed);
    if (scanned.failed > 0)
      throw std::runtime_error("an append was refused: " + appender.exchange.first_failure());
    if (scanned.answers == 0) return;
    const std::size_t at = answer.find(kFirstOffset);
    if (at == std::string::npos) throw std::runtime_error("a receipt without an offset");
    std::uint64_t offset = 0;
    std::from_chars(answer.data() + at + kFirstOffset.size(), answer.data() + answer.size(),
                    offset);
    measured_.appends.add(now - appender.due);
    at_offset(offset).acknowledged = now;
    ++missing_;
    settle(offset);
    idle_.push_back(&appender);
  }

  void hear_witness() {
    const std::int64_t now = now_ns();
    witness_->hear([&](std::uint64_t offset) {
      Times& times = at_offset(offset);
      if (times.seen != 0) return;  // Posted again.
      times.seen = now;
      settle(offset);
    });
  }

  struct Times {
    std::int64_t acknowledged = 0;
    std::int64_t seen = 0;
  };
  Times& at_offset(std::uint64_t offset) {
    if (offset >= times_.size()) times_.resize(offset + 1);
    return times_[offset];
  }
  void settle(std::uint64_t offset) {
    const Times& times = times_[offset];
    if (times.acknowledged == 0 || times.seen == 0) return;
    measured_.seen.latency.add(times.seen - times.acknowledged);
    ++measured_.seen.events;
    --missing_;
  }

  const PostingOptions options_;
  Poller poller_;
  Corpus corpus_;
  std::unique_ptr<Witness> witness_;
  std::deque<Appender> appenders_;
  std::vector<Appender*> idle_;
  std::int64_t next_question_ = 0;
  std::vector<Times> times_;   // by offset
  std::uint64_t missing_ = 0;  // acknowledged and not seen
  PostingMeasured measured_;
};

}  // namespace

PostingMeasured measure_posting(const PostingOptions& options) {
  return Posting(options).run();
}

}  // namespace daybook::load
