// See read_queue_settings.h.
#include "protocol/json/read_queue_settings.h"

#include <charconv>

#include "storage/base/limits.h"

namespace daybook::json {
namespace {

constexpr std::uint64_t kDayMs = 86'400'000;
constexpr std::uint64_t kDelayMs = std::chrono::milliseconds(limits::delay_max).count();
constexpr std::size_t kBackoffStepsMax = 32;
constexpr double kRatioMax = 2;  // above 1 is never reached: the way to switch the breaker off

constexpr std::array<std::string_view, 4> kPushNames = {"url", "secret", "timeout_ms", "parallel"};
constexpr Members kPush{"push", kPushNames};

Refusal read_bounded(Values& in, std::uint32_t& out, Range range) {
  std::uint64_t value = 0;
  if (auto refused = read_unsigned(in, value, range)) return refused;
  out = static_cast<std::uint32_t>(value);
  return nullptr;
}

Refusal read_flag(Values& in, bool& out) {
  const std::string_view token = in.at.take();
  out = token == "true";
  return out || token == "false" ? nullptr
                                 : refuse(Errc::bad_value, "true or false is expected here");
}

Refusal read_order(Values& in, GroupOrder& order) {
  std::string_view word;
  if (auto refused = read_string(in, word)) return refused;
  if (word == "aggregate") {
    order = GroupOrder::aggregate;
  } else if (word == "none") {
    order = GroupOrder::none;
  } else if (word == "single") {
    order = GroupOrder::single;
  } else {
    return refuse(Errc::bad_value, R"(order is "aggregate", "none" or "single")");
  }
  return nullptr;
}

Refusal read_backoff(Values& in, std::vector<std::uint32_t>& steps) {
  const auto expected = [] {
    return refuse(Errc::bad_value,
                  "backoff_ms is an array of 1 to " + std::to_string(kBackoffStepsMax) + " delays");
  };
  steps.clear();
  if (!in.at.is_array() || !in.at.enter()) return expected();
  do {
    if (steps.size() == kBackoffStepsMax) return expected();
    if (auto refused = read_bounded(in, steps.emplace_back(), {.max = kDelayMs}))
      return under(steps.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

Refusal read_ratio(Values& in, double& ratio) {
  const std::string_view token = in.at.take();
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), ratio);
  if (error == std::errc{} && end == token.data() + token.size() && ratio > 0 && ratio <= kRatioMax)
    return nullptr;
  return refuse(
      Errc::bad_value,
      "a number above 0 and at most 1 is expected here; up to 2 switches the breaker off");
}

// What is a URL, and one that is allowed, is known to who pushes: see `refusal` of daemon/push.
Refusal read_url(Values& in, std::string& url) {
  std::string_view text;
  if (auto refused = read_string(in, text)) return refused;
  if (text.size() > limits::push_url_bytes_max)
    return refuse(Errc::bad_value, "a URL of at most " +
                                       std::to_string(limits::push_url_bytes_max) +
                                       " bytes is expected here");
  url = text;
  return nullptr;
}

Refusal read_push(Values& in, PushTarget& push) {
  MemberWalk walk(in, kPush);
  while (const auto member = walk.next()) {
    Refusal refused;
    switch (*member) {
      case 0: refused = read_url(in, push.url); break;
      case 1: refused = read_name(in, push.secret); break;
      case 2: refused = read_bounded(in, push.timeout_ms, {.min = 100, .max = 600'000}); break;
      default: refused = read_bounded(in, push.parallel, {.min = 1, .max = 256});
    }
    if (refused) return walk.within(std::move(refused));
  }
  return walk.finish(0b1);
}

}  // namespace

Refusal read_queue_setting(Values& in, std::size_t index, QueueSettings& queue) {
  switch (index) {
    case 0: return read_order(in, queue.order);
    case 1: return read_bounded(in, queue.ack_timeout_ms, {.min = 100, .max = kDayMs});
    case 2: return read_bounded(in, queue.max_deliveries, {.min = 1, .max = 1000});
    case 3: return read_backoff(in, queue.backoff_ms);
    case 4: return read_bounded(in, queue.max_in_flight, {.min = 1, .max = 100'000});
    case 5: return read_bounded(in, queue.max_unfinished, {.min = 1, .max = 1'000'000});
    case 6: return read_flag(in, queue.block_aggregate);
    case 7: return read_bounded(in, queue.breaker_window, {.min = 1, .max = 10'000});
    case 8: return read_ratio(in, queue.breaker_ratio);
    default: return read_push(in, queue.push.emplace());
  }
}

Refusal check_queue_settings(const QueueSettings& queue) {
  if (queue.block_aggregate && queue.order != GroupOrder::aggregate)
    return under("block_aggregate",
                 refuse(Errc::bad_value, "block_aggregate goes with order \"aggregate\""));
  if (queue.max_unfinished >= queue.max_in_flight) return nullptr;
  return under("max_unfinished",
               refuse(Errc::bad_value, "max_unfinished must be at least max_in_flight, which is " +
                                           std::to_string(queue.max_in_flight)));
}

}  // namespace daybook::json
