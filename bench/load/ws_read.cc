// The subscriber. Offsets are gapless without a filter, so the first and the last offset of a frame
// say how many events it brought: the reader looks at two places and not at every byte.
#include "bench/load/ws_read.h"

#include <charconv>
#include <stdexcept>
#include <string_view>

#include "bench/load/clock.h"
#include "bench/load/ws_client.h"

namespace daybook::load {
namespace {

constexpr std::string_view kOffset = R"({"offset":)";  // begins every event

std::uint64_t offset_at(std::string_view frame, std::size_t at) {
  std::uint64_t offset = 0;
  const char* digits = frame.data() + at + kOffset.size();
  std::from_chars(digits, frame.data() + frame.size(), offset);
  return offset;
}

bool names(std::string_view frame, std::string_view op) {
  return frame.substr(0, 200).find(op) != std::string_view::npos;
}

std::uint64_t count_each(std::string_view frame) {
  std::uint64_t count = 0;
  for (std::size_t at = frame.find(kOffset); at != std::string_view::npos;
       at = frame.find(kOffset, at + kOffset.size()))
    ++count;
  return count;
}

class Reader {
 public:
  explicit Reader(const WsReadOptions& options)
      : options_(options),
        socket_(options.port, options.path, options.seconds),
        last_(options.after) {
    socket_.send(R"({"op":"subscribe","sub":"load","after":)" + std::to_string(options.after) +
                 R"(,"credits":)" + std::to_string(options.credits) + "}");
  }

  Measured run() {
    const std::int64_t begin = now_ns();
    const double cpu_before = own_cpu_seconds();
    const std::int64_t give_up = begin + seconds_to_ns(options_.seconds);
    while (!done_ && now_ns() < give_up) {
      const auto frame = socket_.next();
      if (!frame) break;
      hear(*frame);
    }
    Measured& m = measured_;
    m.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    m.generator_cpu_seconds = own_cpu_seconds() - cpu_before;
    m.events_total = m.events;
    m.requests_total = m.requests;
    if (!done_) {
      m.failed = 1;
      m.first_failure = "it ended before everything came";
    }
    return m;
  }

 private:
  void hear(std::string_view frame) {
    if (names(frame, R"("op":"events")")) {
      take(frame);
      return;
    }
    if (names(frame, R"("op":"error")"))
      throw std::runtime_error("WebSocket: " + std::string(frame.substr(0, 600)));
    if (options_.events == 0 && names(frame, R"("op":"caught_up")")) done_ = true;
  }

  void take(std::string_view frame) {
    const std::size_t first_at = frame.find(kOffset);
    if (first_at == std::string_view::npos) return;
    const std::uint64_t first = offset_at(frame, first_at);
    const std::uint64_t last = offset_at(frame, frame.rfind(kOffset));
    if (first != last_ + 1)
      throw std::runtime_error("a gap: offset " + std::to_string(first) + " came after " +
                               std::to_string(last_));
    const std::uint64_t count = last - first + 1;
    if (options_.count_each && count_each(frame) != count)
      throw std::runtime_error("a gap inside the frame that begins at " + std::to_string(first));
    last_ = last;
    measured_.events += count;
    ++measured_.requests;
    used_ += count;
    if (used_ >= options_.credits / 2) {
      socket_.send(R"({"op":"credit","sub":"load","n":)" + std::to_string(used_) + "}");
      used_ = 0;
    }
    if (options_.events > 0 && measured_.events >= options_.events) done_ = true;
  }

  const WsReadOptions options_;
  WsClient socket_;
  std::uint64_t last_;      // offset
  std::uint64_t used_ = 0;  // credits since they were last renewed
  bool done_ = false;
  Measured measured_;
};

}  // namespace

Measured read_over_ws(const WsReadOptions& options) {
  return Reader(options).run();
}

}  // namespace daybook::load
