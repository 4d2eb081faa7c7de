// See parameters.h.
#include "protocol/platform/parameters.h"

#include <algorithm>
#include <charconv>

#include "protocol/http/parameters.h"
#include "protocol/http/uri.h"
#include "protocol/json/escape.h"

namespace daybook::platform {
namespace {

using json::PlatformIssue;

std::string quoted(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

struct Integer {
  enum class Wrong : std::uint8_t { nothing, text, negative, size };
  std::uint64_t value = 0;
  Wrong wrong = Wrong::nothing;
};

// As the old system reads integers: spaces around, a sign, `_` between digits, ".0" at the end.
Integer read_integer(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const std::string_view fraction = text.substr(dot + 1);
    if (fraction.empty() || fraction.find_first_not_of('0') != std::string_view::npos)
      return {0, Integer::Wrong::text};
    text = text.substr(0, dot);
  }
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool between = i > 0 && i + 1 < text.size() && text[i - 1] != '_';
    if (text[i] != '_' || !between) digits += text[i];
  }
  Integer read;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, read.value);
  if (parsed.ec == std::errc::result_out_of_range)
    read.wrong = Integer::Wrong::size;
  else if (parsed.ec != std::errc() || parsed.ptr != end)
    read.wrong = Integer::Wrong::text;
  else if (negative && read.value > 0)
    read.wrong = Integer::Wrong::negative;
  return read;
}

class Reader {
 public:
  explicit Reader(std::string_view query) {
    while (!query.empty()) {
      const std::size_t end = query.find('&');
      add(query.substr(0, end));
      query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    }
  }

  // nullptr where it is absent. The last one counts.
  const std::string* find(std::string_view name) const {
    const auto last = std::find_if(pairs_.rbegin(), pairs_.rend(),
                                   [&](const auto& pair) { return pair.first == name; });
    return last == pairs_.rend() ? nullptr : &last->second;
  }

  std::string text(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? std::string() : *value;
  }

  std::string uuid(std::string_view name);
  std::uint64_t count(std::string_view name, std::uint64_t otherwise);
  std::optional<Timestamp> time(std::string_view name);
  Order order(Order otherwise);
  json::PlatformRefusal take_refusal() { return std::move(refusal_); }

 private:
  void add(std::string_view pair);
  void refuse(std::string_view name, std::string_view type, std::string msg, std::string ctx) {
    refusal_.issues.push_back({std::string(type),
                               {std::string("query"), std::string(name)},
                               std::move(msg),
                               quoted(text(name)),
                               std::move(ctx)});
  }

  boost::container::small_vector<std::pair<std::string, std::string>, 4> pairs_;
  json::PlatformRefusal refusal_;
};

// Broken escapes stand for themselves, as they did.
void Reader::add(std::string_view pair) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = pair.substr(0, equals);
  const std::string_view value = pair.substr(equals + 1);
  pairs_.emplace_back(
      http::percent_decode(name, http::Plus::is_space).value_or(std::string(name)),
      http::percent_decode(value, http::Plus::is_space).value_or(std::string(value)));
}

std::string Reader::uuid(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return {};
  json::PlatformUuid read = json::read_platform_uuid(*value);
  if (!read.wrong.empty()) refusal_.issues.push_back(uuid_issue("query", name, *value, read.wrong));
  return std::move(read.text);
}

std::uint64_t Reader::count(std::string_view name, std::uint64_t otherwise) {
  const std::string* value = find(name);
  if (value == nullptr) return otherwise;
  const Integer read = read_integer(*value);
  switch (read.wrong) {
    case Integer::Wrong::nothing: break;
    case Integer::Wrong::text:
      refuse(name, "int_parsing",
             "Input should be a valid integer, unable to parse string as an integer", "");
      break;
    case Integer::Wrong::negative:
      refuse(name, "greater_than_equal", "Input should be greater than or equal to 0",
             R"({"ge":0})");
      break;
    case Integer::Wrong::size:
      refuse(name, "int_parsing_size",
             "Unable to parse input string as an integer, exceeded maximum size", "");
      break;
  }
  return read.value;
}

std::optional<Timestamp> Reader::time(std::string_view name) {
  const std::string* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto read = parse_naive_utc(http::with_zone_sign(*value));
  if (!read)
    refuse(name, "datetime_from_date_parsing",
           "Input should be a valid datetime or date, it is not ISO 8601",
           R"({"error":"it is not ISO 8601"})");
  return read;
}

Order Reader::order(Order otherwise) {
  const std::string* value = find("order");
  if (value == nullptr) return otherwise;
  if (*value == "asc") return Order::ascending;
  if (*value == "desc") return Order::descending;
  refuse("order", "literal_error", "Input should be 'asc' or 'desc'",
         R"({"expected":"'asc' or 'desc'"})");
  return otherwise;
}

}  // namespace

json::PlatformIssue uuid_issue(std::string_view where, std::string_view name,
                               std::string_view value, std::string_view wrong) {
  PlatformIssue issue;
  issue.type = "uuid_parsing";
  issue.loc = {std::string(where), std::string(name)};
  issue.msg = "Input should be a valid UUID, " + std::string(wrong);
  issue.input = quoted(value);
  issue.ctx = "{\"error\":" + quoted(wrong) + '}';
  return issue;
}

ListRead read_list(std::string_view query, Order otherwise) {
  Reader reader(query);
  ListRead read;
  ListRequest& request = read.request;
  request.query.filter.aggregate_id = reader.uuid("aggregate_id");
  request.query.filter.aggregate_type = reader.text("aggregate_type");
  request.exact_event_type = reader.text("event_type");
  if (!request.exact_event_type.empty())
    request.query.filter.event_types.push_back(request.exact_event_type);
  request.limit = reader.count("limit", request.limit);
  request.skip = reader.count("offset", 0);
  request.query.recorded.from = reader.time("start");
  request.query.recorded.to = reader.time("end");
  request.query.order = reader.order(otherwise);
  request.query.skip_trimmed = true;
  read.refusal = reader.take_refusal();
  return read;
}

}  // namespace daybook::platform
