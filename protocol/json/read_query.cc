// See read_query.h.
#include "protocol/json/read_query.h"

#include <array>

#include "protocol/json/minify.h"

namespace daybook::json {
namespace {

enum FilterMember : std::size_t {
  aggregate_type,
  aggregate_id,
  event_types,
  tags,
  correlation_id,
  causation_id,
  items,
  after,
  limit,
};
// A query has the members of a filter and two more.
constexpr std::array<std::string_view, 9> kQueryNames = {
    "aggregate_type", "aggregate_id", "event_types", "tags", "correlation_id",
    "causation_id",   "items",        "after",       "limit"};
constexpr Members kQuery{"a query", kQueryNames};
constexpr Members kFilter{"a filter", std::span(kQueryNames).first<7>()};

constexpr std::array<std::string_view, 3> kItemNames = {"event_types", "tags", "types"};
constexpr Members kItem{"an item of a filter", kItemNames};

Refusal read_item(Values& in, FilterItem& item) {
  MemberWalk walk(in, kItem);
  while (const auto member = walk.next()) {
    if (walk.has(0) && walk.has(2))
      return walk.within(refuse(Errc::duplicate_member, "event_types and types are the same"));
    auto& names = *member == 1 ? item.tags : item.event_types;
    if (auto refused = read_names(in, names)) return walk.within(std::move(refused));
  }
  return walk.finish();
}

Refusal read_items(Values& in, std::vector<FilterItem>& out) {
  if (!in.at.is_array()) return refuse(Errc::bad_value, "items are an array of objects");
  if (!in.at.enter()) return nullptr;
  do {
    if (out.size() == limits::filter_names_max) return refuse_list();
    if (auto refused = read_item(in, out.emplace_back()))
      return under(out.size() - 1, std::move(refused));
  } while (in.at.next());
  return nullptr;
}

Refusal read_filter_member(Values& in, std::size_t member, Filter& filter) {
  switch (member) {
    case aggregate_type: return read_name(in, filter.aggregate_type);
    case aggregate_id: return read_name(in, filter.aggregate_id);
    case event_types: return read_names(in, filter.event_types);
    case tags: return read_names(in, filter.tags);
    case correlation_id: return read_name(in, filter.correlation_id);
    case causation_id: return read_name(in, filter.causation_id);
    default: return read_items(in, filter.items);
  }
}

Refusal read_query_members(Values& in, const Limits& limits, Query& query) {
  std::uint64_t count = query.limit;
  MemberWalk walk(in, kQuery);
  while (const auto member = walk.next()) {
    Refusal refused;
    if (*member == after) {
      refused = read_offset(in, query.after);
    } else if (*member == limit) {
      refused = read_unsigned(in, count, {.min = 1, .max = limits.page_events_max});
    } else {
      refused = read_filter_member(in, *member, query.filter);
    }
    if (refused) return walk.within(std::move(refused));
  }
  query.limit = static_cast<std::uint32_t>(count);
  return walk.finish();
}

}  // namespace

Refusal read_filter(Values& in, Filter& filter) {
  MemberWalk walk(in, kFilter);
  while (const auto member = walk.next())
    if (auto refused = read_filter_member(in, *member, filter))
      return walk.within(std::move(refused));
  return walk.finish();
}

Result<Query> read_query(std::string_view body, const Limits& limits) {
  Text text;
  const auto json = minify_into(text, body, limits.json_depth_max);
  if (!json) return json.error();
  Values in{Cursor(*json), &text};
  Query query;
  if (auto refused = read_query_members(in, limits, query)) return std::move(*refused);
  return query;
}

Result<Filter> read_filter(std::string_view body, const Limits& limits) {
  Text text;
  const auto json = minify_into(text, body, limits.json_depth_max);
  if (!json) return json.error();
  Values in{Cursor(*json), &text};
  Filter filter;
  if (auto refused = read_filter(in, filter)) return std::move(*refused);
  return filter;
}

}  // namespace daybook::json
