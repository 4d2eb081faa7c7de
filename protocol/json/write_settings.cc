// See write_settings.h.
#include "protocol/json/write_settings.h"

#include <array>
#include <charconv>
#include <span>

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

void append_names(std::string& out, std::string_view before, std::span<const std::string> names) {
  if (names.empty()) return;
  out.append(before).append("[");
  for (const std::string& one : names) {
    append_string(out, one);
    out += ',';
  }
  out.back() = ']';
}

void append_name(std::string& out, std::string_view before, std::string_view text) {
  if (!text.empty()) append_member(out, before, text);
}

// Members were written with a comma before each: closes the object that began at `start`.
void close_object(std::string& out, std::size_t start) {
  if (out.size() == start) {
    out += '{';
  } else {
    out[start] = '{';
  }
  out += '}';
}

void append_item(std::string& out, const FilterItem& item) {
  const std::size_t start = out.size();
  append_names(out, R"(,"event_types":)", item.event_types);
  append_names(out, R"(,"tags":)", item.tags);
  close_object(out, start);
}

void append_items(std::string& out, std::span<const FilterItem> items) {
  if (items.empty()) return;
  out += R"(,"items":[)";
  for (const FilterItem& item : items) {
    append_item(out, item);
    out += ',';
  }
  out.back() = ']';
}

void append_start(std::string& out, const GroupStart& start) {
  if (std::holds_alternative<FromBeginning>(start)) {
    out += R"("beginning")";
  } else if (std::holds_alternative<FromHead>(start)) {
    out += R"("head")";
  } else if (const auto* after = std::get_if<Offset>(&start)) {
    append_member(out, R"({"after":)", after->value);
    out += '}';
  } else {
    append_member(out, R"({"time":)", std::get<Timestamp>(start));
    out += '}';
  }
}

void append_backoff(std::string& out, std::span<const std::uint32_t> steps) {
  out += R"(,"backoff_ms":[)";
  for (const std::uint32_t step : steps) {
    append_unsigned(out, step);
    out += ',';
  }
  out.back() = ']';
}

// The shortest text that is read as the same number.
void append_ratio(std::string& out, double ratio) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), ratio);
  out.append(R"(,"breaker_ratio":)").append(text.data(), written.ptr);
}

void append_push(std::string& out, const PushTarget& push) {
  append_member(out, R"(,"push":{"url":)", push.url);
  append_member(out, R"(,"timeout_ms":)", push.timeout_ms);
  append_member(out, R"(,"parallel":)", push.parallel);
  out += '}';
}

void append_queue_settings(std::string& out, const QueueSettings& queue) {
  append_member(out, R"(,"order":)", name(queue.order));
  append_member(out, R"(,"ack_timeout_ms":)", queue.ack_timeout_ms);
  append_member(out, R"(,"max_deliveries":)", queue.max_deliveries);
  append_backoff(out, queue.backoff_ms);
  append_member(out, R"(,"max_in_flight":)", queue.max_in_flight);
  append_member(out, R"(,"max_unfinished":)", queue.max_unfinished);
  append_flag(out, R"(,"block_aggregate":)", queue.block_aggregate);
  append_member(out, R"(,"breaker_window":)", queue.breaker_window);
  append_ratio(out, queue.breaker_ratio);
  if (queue.push) append_push(out, *queue.push);
}

}  // namespace

std::string_view name(GroupMode mode) {
  switch (mode) {
    case GroupMode::log: return "log";
    case GroupMode::queue: return "queue";
  }
  return "log";
}

std::string_view name(GroupOrder order) {
  switch (order) {
    case GroupOrder::aggregate: return "aggregate";
    case GroupOrder::none: return "none";
    case GroupOrder::single: return "single";
  }
  return "aggregate";
}

void append_filter(std::string& out, const Filter& filter) {
  const std::size_t start = out.size();
  append_name(out, R"(,"aggregate_type":)", filter.aggregate_type);
  append_name(out, R"(,"aggregate_id":)", filter.aggregate_id);
  append_names(out, R"(,"event_types":)", filter.event_types);
  append_names(out, R"(,"tags":)", filter.tags);
  append_name(out, R"(,"correlation_id":)", filter.correlation_id);
  append_name(out, R"(,"causation_id":)", filter.causation_id);
  append_items(out, filter.items);
  close_object(out, start);
}

void append_group_settings(std::string& out, const GroupSettings& settings) {
  append_member(out, R"({"mode":)", name(settings.mode));
  out += R"(,"start":)";
  append_start(out, settings.start);
  out += R"(,"filter":)";
  append_filter(out, settings.filter);
  append_member(out, R"(,"member_timeout_ms":)", settings.member_timeout_ms);
  if (settings.mode == GroupMode::queue) append_queue_settings(out, settings.queue);
  out += '}';
}

}  // namespace daybook::json
