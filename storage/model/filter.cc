#include "storage/model/filter.h"

#include <algorithm>

namespace daybook {
namespace {

bool any_type_matches(const std::vector<std::string>& patterns, const EventView& event) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return type_matches(pattern, event.event_type);
         });
}

bool has_all_tags(const std::vector<std::string>& tags, const EventView& event) {
  return std::ranges::all_of(tags, [&](const std::string& tag) {
    return std::ranges::find(event.tags, std::string_view(tag)) != event.tags.end();
  });
}

bool is_asked_and_differs(const std::string& asked, std::string_view actual) {
  return !asked.empty() && asked != actual;
}

}  // namespace

bool type_matches(std::string_view pattern, std::string_view event_type) {
  if (pattern.ends_with('*')) return event_type.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == event_type;
}

bool Filter::matches(const EventView& event) const {
  if (is_asked_and_differs(aggregate_type, event.aggregate_type)) return false;
  if (is_asked_and_differs(aggregate_id, event.aggregate_id)) return false;
  if (is_asked_and_differs(correlation_id, event.correlation_id)) return false;
  if (is_asked_and_differs(causation_id, event.causation_id)) return false;
  if (!any_type_matches(event_types, event) || !has_all_tags(tags, event)) return false;
  return items.empty() || std::ranges::any_of(items, [&](const FilterItem& item) {
           return any_type_matches(item.event_types, event) && has_all_tags(item.tags, event);
         });
}

}  // namespace daybook
