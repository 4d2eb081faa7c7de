#include "storage/plan.h"

#include <algorithm>

namespace daybook {
namespace {

// More event types than this under one prefix cost more than reading the log.
constexpr std::size_t kTypesMax = 256;

void sort_and_deduplicate(std::vector<std::string>& terms) {
  std::ranges::sort(terms);
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
}

Result<std::vector<std::string>> terms_with_prefix(const Index* index, const std::string& prefix) {
  return index ? index->terms_with_prefix(prefix) : std::vector<std::string>{};
}

Result<Plan> plan_for_id(const std::string& id, const Index* index, const WindowView& window) {
  auto terms = terms_with_prefix(index, term(TermKind::aggregate, id));
  if (!terms) return terms.error();
  for (std::string& found : window.aggregate_terms(id)) terms->push_back(std::move(found));
  sort_and_deduplicate(*terms);
  return Plan{.index = "aggregate_id", .terms = std::move(*terms)};
}

// The terms of event types and type prefixes.
Result<std::vector<std::string>> type_terms(const std::vector<std::string>& patterns,
                                            const Index* index, const WindowView& window) {
  std::vector<std::string> terms;
  for (const std::string& pattern : patterns) {
    if (!pattern.ends_with('*')) {
      terms.push_back(term(TermKind::event_type, pattern));
      continue;
    }
    const std::string prefix = pattern.substr(0, pattern.size() - 1);
    auto found =
        terms_with_prefix(index, std::string(1, static_cast<char>(TermKind::event_type)) + prefix);
    if (!found) return found.error();
    std::ranges::move(*found, std::back_inserter(terms));
    for (const std::string& type : window.event_types(prefix))
      terms.push_back(term(TermKind::event_type, type));
  }
  sort_and_deduplicate(terms);
  return terms;
}

Result<Plan> plan_for_types(const std::vector<std::string>& patterns, const Index* index,
                            const WindowView& window) {
  auto terms = type_terms(patterns, index, window);
  if (!terms) return terms.error();
  if (terms->size() > kTypesMax) return Plan{};
  return Plan{.index = "event_type", .terms = std::move(*terms)};
}

Result<Plan> plan_for_items(const std::vector<FilterItem>& items, const Index* index,
                            const WindowView& window) {
  Plan plan{.index = "items"};
  for (const FilterItem& item : items) {
    if (!item.tags.empty()) {
      plan.terms.push_back(term(TermKind::tag, item.tags.front()));
      continue;
    }
    if (item.event_types.empty()) return Plan{};  // Matches everything.
    auto terms = type_terms(item.event_types, index, window);
    if (!terms) return terms.error();
    std::ranges::move(*terms, std::back_inserter(plan.terms));
  }
  sort_and_deduplicate(plan.terms);
  if (plan.terms.size() > kTypesMax) return Plan{};
  return plan;
}

}  // namespace

Result<Plan> plan_for(const Filter& filter, const Index* index, const WindowView& window) {
  if (!filter.aggregate_id.empty() && !filter.aggregate_type.empty())
    return Plan{.index = "aggregate",
                .terms = {aggregate_term(filter.aggregate_type, filter.aggregate_id)}};
  if (!filter.correlation_id.empty())
    return Plan{.index = "correlation_id",
                .terms = {term(TermKind::correlation, filter.correlation_id)}};
  if (!filter.causation_id.empty())
    return Plan{.index = "causation_id", .terms = {term(TermKind::causation, filter.causation_id)}};
  if (!filter.aggregate_id.empty()) return plan_for_id(filter.aggregate_id, index, window);
  if (!filter.tags.empty())
    return Plan{.index = "tag", .terms = {term(TermKind::tag, filter.tags.front())}};
  if (!filter.event_types.empty()) {
    auto plan = plan_for_types(filter.event_types, index, window);
    if (!plan || !plan->reads_whole_log()) return plan;
  }
  if (!filter.items.empty()) {
    auto plan = plan_for_items(filter.items, index, window);
    if (!plan || !plan->reads_whole_log()) return plan;
  }
  if (!filter.aggregate_type.empty())
    return Plan{.index = "aggregate_type",
                .terms = {term(TermKind::aggregate_type, filter.aggregate_type)}};
  return Plan{};
}

}  // namespace daybook
