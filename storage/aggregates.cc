#include "storage/aggregates.h"

#include <algorithm>

#include "storage/base/limits.h"

namespace daybook {
namespace {

Error no_aggregate(const std::string& type, const std::string& id) {
  return {Errc::not_found, "there is no aggregate " + type + "/" + id};
}

// A cursor is the last `listed` term, as hexadecimal digits.
std::string to_cursor(std::string_view term) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : term) {
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

std::optional<std::string> from_cursor(std::string_view cursor) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (cursor.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < cursor.size(); i += 2) {
    const int high = digit(cursor[i]);
    const int low = digit(cursor[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

// The poster went past the view between two look-ups: what the index says is newer than the head.
Error view_is_old() {
  return {Errc::not_yet, "the index has gone beyond the view"};
}

}  // namespace

Result<AggregateInfo> Aggregates::find(const std::string& type, const std::string& id) const {
  for (;;) {
    const WindowView window = window_.view();
    if (!window.is_whole()) return recovering();
    auto info = find_in(window, type, id);
    if (!info && info.error().code == Errc::not_yet) continue;
    if (!info) return info.error();
    if (!*info) return no_aggregate(type, id);
    return std::move(**info);
  }
}

Result<std::optional<AggregateInfo>> Aggregates::find_in(const WindowView& window,
                                                         const std::string& type,
                                                         const std::string& id) const {
  const std::string term = aggregate_term(type, id);
  auto info = window.aggregate(type, id);  // What is in the window is newest.
  auto first = index_.first_of(term);
  if (!first) return first.error();
  if (!*first) return info;
  if (!info) {
    auto last = index_.last_of(term, engine::Tier::disk);
    if (!last) return last.error();
    if (!*last) return Error{Errc::corrupted, "index/ lost the postings of " + type + "/" + id};
    if ((*last)->offsets.back() > window.head()) return view_is_old();
    info = AggregateInfo{.aggregate_type = type,
                         .aggregate_id = id,
                         .sequence = (*last)->last_sequence(),
                         .last_offset = (*last)->offsets.back(),
                         .updated_at = (*last)->last_recorded_at};
  }
  info->first_offset = (*first)->offsets.front();
  info->created_at = (*first)->first_recorded_at;
  return info;
}

Result<std::vector<Offset>> Aggregates::offsets(const AggregateQuery& query, Sequence from,
                                                Sequence to, const WindowView& window) const {
  const std::string term = aggregate_term(query.aggregate_type, query.aggregate_id);
  std::vector<Offset> recent = window.sequences(term, from, to);
  if (recent.size() == to - from + 1) return recent;
  auto older = index_.sequences(term, from, to - recent.size());
  if (!older) return older.error();
  older->insert(older->end(), recent.begin(), recent.end());
  return std::move(*older);
}

Result<Page> Aggregates::read(const AggregateQuery& query) const {
  for (;;) {
    const WindowView window = window_.view();
    if (!window.is_whole()) return recovering();
    auto info = find_in(window, query.aggregate_type, query.aggregate_id);
    if (!info && info.error().code == Errc::not_yet) continue;
    if (!info) return info.error();
    if (!*info) return no_aggregate(query.aggregate_type, query.aggregate_id);
    return read_in(window, query, (*info)->sequence);
  }
}

Result<Page> Aggregates::read_in(const WindowView& window, const AggregateQuery& query,
                                 Sequence last) const {
  Page page;
  page.head = window.head();
  if (query.after >= last || query.before.value == 0) return page;
  Sequence from = query.after + 1;
  Sequence to = std::min(query.before - 1, last);
  if (from > to) return page;
  if (to - from + 1 > query.limit) {
    if (query.order == Order::ascending)
      to = from + (query.limit - 1);
    else
      from = to - (query.limit - 1);
  }
  auto found = offsets(query, from, to, window);
  if (!found) return found.error();
  if (query.order == Order::descending) std::ranges::reverse(*found);
  std::size_t bytes = 0;
  for (const Offset offset : *found) {
    auto one = reader_.find(offset, engine::Tier::disk);
    if (!one) return one.error();
    bytes += one->events.front().payload.size() + one->events.front().metadata.size();
    page.events.push_back(std::move(one->events.front()));
    if (page.keep_alive.empty() || page.keep_alive.back() != one->keep_alive.front())
      page.keep_alive.push_back(std::move(one->keep_alive.front()));
    if (bytes >= limits::page_bytes_max) break;
  }
  return page;
}

Result<AggregateList> Aggregates::list(const AggregateListQuery& query) const {
  const auto after = from_cursor(query.after);
  if (!after) return Error{Errc::bad_parameter, "`after` is not a cursor of this list", "after"};
  const WindowView window = window_.view();
  if (!window.is_whole()) return recovering();
  std::string prefix(1, static_cast<char>(TermKind::listed));
  if (!query.aggregate_type.empty()) prefix = term(TermKind::listed, query.aggregate_type);
  auto terms = index_.listed(prefix, *after, query.limit + 1);
  if (!terms) return terms.error();
  window.aggregates_above(*after, query.aggregate_type, *terms);
  std::ranges::sort(*terms);
  terms->erase(std::unique(terms->begin(), terms->end()), terms->end());

  AggregateList list;
  list.head = window.head();
  if (terms->size() > query.limit) {
    terms->resize(query.limit);
    list.next = to_cursor(terms->back());
  }
  for (const std::string& listed : *terms) {
    const auto [type, id] = names_of(listed);
    auto info = find(std::string(type), std::string(id));
    if (!info) return info.error();
    list.aggregates.push_back(std::move(*info));
  }
  return list;
}

}  // namespace daybook
