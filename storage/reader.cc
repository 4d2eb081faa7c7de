#include "storage/reader.h"

#include <algorithm>

#include "storage/base/limits.h"
#include "storage/plan.h"
#include "storage/server_id.h"

namespace daybook {
namespace {

// Candidates are looked up in batches: enough for a page, few enough to stop early.
constexpr std::size_t kBatch = 2048;
// A read in memory that passes over more than this goes to a read thread.
constexpr std::size_t kPassedOverInMemory = 4096;

struct Candidates {
  std::vector<Offset> offsets;  // in the order asked, without repeats
  bool complete = true;         // false: there may be more beyond the last one
};

struct Source {
  const Index& index;
  const WindowView& window;
};

// One term's offsets, from whichever of index and window comes first in this order.
Result<void> collect(const Source& from, const std::string& term, Between bounds, Order order,
                     std::vector<Offset>& out) {
  const Offset edge = from.window.first();  // below it the index answers
  const Between in_index{bounds.after, std::min(bounds.before, edge)};
  const Between in_window{std::max(bounds.after, edge - 1), bounds.before};
  const bool ask_index = in_index.after + 1 < in_index.before;
  if (order == Order::descending) from.window.collect(term, in_window, order, kBatch, out);
  if (ask_index && out.size() < kBatch)
    if (auto found = from.index.collect(term, in_index, order, kBatch, out); !found) return found;
  if (order == Order::ascending && out.size() < kBatch)
    from.window.collect(term, in_window, order, kBatch, out);
  return {};
}

// The union of the plan's lists, cut where the first of them was cut.
Result<Candidates> next_candidates(const Source& from, const Plan& plan, Between bounds,
                                   Order order) {
  Candidates all;
  const auto before = [order](Offset a, Offset b) {
    return order == Order::ascending ? a < b : b < a;
  };
  std::optional<Offset> cut;
  for (const std::string& term : plan.terms) {
    std::vector<Offset> some;
    if (auto found = collect(from, term, bounds, order, some); !found) return found.error();
    if (some.size() >= kBatch && (!cut || before(some.back(), *cut))) cut = some.back();
    all.offsets.insert(all.offsets.end(), some.begin(), some.end());
  }
  if (plan.terms.size() > 1) std::sort(all.offsets.begin(), all.offsets.end(), before);
  all.offsets.erase(std::unique(all.offsets.begin(), all.offsets.end()), all.offsets.end());
  if (!cut) return all;
  all.offsets.erase(std::upper_bound(all.offsets.begin(), all.offsets.end(), *cut, before),
                    all.offsets.end());
  all.complete = false;
  return all;
}

// With a plan that reads the whole log, every offset is a candidate.
Candidates every_offset(Between bounds, Order order, Offset head) {
  Candidates all;
  const Offset low = bounds.after + 1;
  const Offset high = std::min(bounds.before, head + 1);  // exclusive
  if (low >= high) return all;
  const std::uint64_t count = std::min<std::uint64_t>(high - low, kBatch);
  for (std::uint64_t i = 0; i < count; ++i)
    all.offsets.push_back(order == Order::ascending ? low + i : high - (i + 1));
  all.complete = count == high - low;
  return all;
}

}  // namespace

// Looks at candidates until the page is full, its bounds are reached or the end is.
class PageBuilder {
 public:
  PageBuilder(const Reader& reader, const Query& query, const WindowView& window, engine::Tier tier)
      : reader_(reader),
        query_(query),
        window_(window),
        tier_(tier),
        bounds_{query.after, query.before} {}

  Result<Page> build(const Plan& plan) {
    page_.head = window_.head();
    page_.explain = {.index = plan.index,
                     .term = plan.terms.size() == 1 ? readable(plan.terms.front()) : "",
                     .candidates = 0};
    if (query_.after >= window_.head() || query_.before <= query_.after + 1) return ended();
    for (;;) {
      auto candidates =
          plan.reads_whole_log()
              ? Result<Candidates>(every_offset(bounds_, query_.order, window_.head()))
              : next_candidates({reader_.index_, window_}, plan, bounds_, query_.order);
      if (!candidates) return candidates.error();
      for (const Offset offset : candidates->offsets) {
        if (auto looked = look_at(offset); !looked) return looked.error();
        if (full()) return stopped_at(offset);
      }
      if (candidates->complete) return ended();
    }
  }

 private:
  Result<void> look_at(Offset offset) {
    if (!block_ || !block_->contains(offset)) {
      auto block = reader_.block_at(offset, window_, tier_);
      if (!block) return block.error();
      block_ = std::move(*block);
      kept_ = false;
    }
    auto event = block_->event(offset);
    if (!event) return event.error();
    ++page_.explain.candidates;
    if (tier_ == engine::Tier::memory_only &&
        page_.explain.candidates > page_.events.size() + kPassedOverInMemory)
      return Error{Errc::not_yet, "too much to look at on an io thread"};
    (query_.order == Order::ascending ? bounds_.after : bounds_.before) = offset;
    if (!query_.filter.matches(*event) || !query_.recorded.contains(event->recorded_at) ||
        !query_.occurred.contains(event->occurred_at))
      return {};
    constexpr std::size_t kOverhead = 256;
    bytes_ += event->payload.size() + event->metadata.size() + kOverhead;
    page_.events.push_back(std::move(*event));
    if (!kept_) page_.keep_alive.push_back(block_);
    kept_ = true;
    return {};
  }

  bool full() const {
    return page_.events.size() >= query_.limit || bytes_ >= limits::page_bytes_max ||
           page_.explain.candidates >= limits::page_candidates_max;
  }

  Page stopped_at(Offset offset) {
    const bool at_end = query_.order == Order::ascending
                            ? offset + 1 >= std::min(query_.before, window_.head() + 1)
                            : offset <= query_.after + 1;
    if (at_end) return ended();
    page_.next = offset;
    page_.examined = offset;
    return std::move(page_);
  }

  Page ended() {
    const Offset end = std::min(query_.before, window_.head() + 1);
    page_.examined = std::max(query_.after, end.value == 0 ? end : end - 1);
    return std::move(page_);
  }

  static std::string readable(std::string term) {
    term.erase(0, 1);
    if (!term.empty()) term.pop_back();
    std::ranges::replace(term, '\0', '/');
    return term;
  }

  const Reader& reader_;
  const Query& query_;
  const WindowView& window_;
  const engine::Tier tier_;
  Between bounds_;
  std::shared_ptr<const Block> block_;
  bool kept_ = false;
  std::size_t bytes_ = 0;
  Page page_;
};

Result<std::shared_ptr<const Block>> Reader::block_at(Offset offset, const WindowView& window,
                                                      engine::Tier tier) const {
  if (auto block = window.block_at(offset)) return block;
  if (tier == engine::Tier::memory_only) return Error{Errc::not_yet, "not in memory"};
  return book_.block_at(offset);
}

// `recorded_at` never falls with the offset: its bounds are bounds of offsets.
Result<Query> Reader::with_time_as_offsets(const Query& query, Offset head) const {
  Query bounded = query;
  if (query.recorded.from) {
    auto last = book_.last_before(*query.recorded.from, head);
    if (!last) return last.error();
    bounded.after = std::max(bounded.after, *last);
  }
  if (query.recorded.to) {
    auto last = book_.last_before(Timestamp{query.recorded.to->micros + 1}, head);
    if (!last) return last.error();
    bounded.before = std::min(bounded.before, *last + 1);
  }
  return bounded;
}

Result<Page> Reader::read(const Query& query, engine::Tier tier) const {
  const WindowView window = window_.view();
  if (!window.is_whole() && !query.filter.asks_nothing()) return recovering();
  const bool in_memory = query.recorded.asks_nothing() && window.covers_after(query.after);
  if (tier == engine::Tier::memory_only && !in_memory) return Error{Errc::not_yet, "not in memory"};
  auto bounded = query.recorded.asks_nothing() ? Result<Query>(query)
                                               : with_time_as_offsets(query, window.head());
  if (!bounded) return bounded.error();
  const Index* index = window.covers_after(bounded->after) ? nullptr : &index_;
  auto plan = plan_for(bounded->filter, index, window);
  if (!plan) return plan.error();
  return PageBuilder(*this, *bounded, window, tier).build(*plan);
}

Result<Page> Reader::read(std::span<const Offset> offsets, engine::Tier tier) const {
  const WindowView window = window_.view();
  Page page;
  page.head = window.head();
  page.events.reserve(offsets.size());
  std::size_t bytes = 0;
  std::shared_ptr<const Block> block;
  for (const Offset offset : offsets) {
    if (offset.value == 0 || offset > window.head())
      return Error{Errc::not_found, "no event has offset " + std::to_string(offset.value) +
                                        "; the head is " + std::to_string(window.head().value)};
    if (!block || !block->contains(offset)) {
      auto found = block_at(offset, window, tier);
      if (!found) return found.error();
      block = std::move(*found);
      page.keep_alive.push_back(block);
    }
    auto event = block->event(offset);
    if (!event) return event.error();
    bytes += event->payload.size() + event->metadata.size();
    page.events.push_back(std::move(*event));
    page.examined = offset;
    if (bytes >= limits::page_bytes_max) break;
  }
  return page;
}

Result<Page> Reader::find(Offset offset, engine::Tier tier) const {
  return read({&offset, 1}, tier);
}

Result<std::optional<KnownId>> Reader::known(std::string_view id_space, std::string_view id,
                                             const WindowView& window, engine::Tier tier) const {
  if (!window.is_whole()) return recovering();
  const std::string term = id_term(id_space, id);
  if (auto known = window.id(term)) return known;
  if (const auto offset = offset_in(book_.log_id(), id);
      id_space.empty() && offset && offset->value > 0 && *offset <= window.head()) {
    auto block = block_at(*offset, window, tier);
    if (!block) return block.error();
    auto event = (*block)->event(*offset);
    if (!event) return event.error();
    if (event->id.server_made() && event->id.to_string() == id)
      return std::optional<KnownId>{
          {.offset = *offset, .digest = event->digest, .batch_index = event->batch_index}};
  }
  return index_.id(term, tier);
}

Result<Page> Reader::find(const std::string& id_space, const std::string& id,
                          engine::Tier tier) const {
  auto found = known(id_space, id, window_.view(), tier);
  if (!found) return found.error();
  if (!*found) return Error{Errc::not_found, "no event has the id " + id};
  return find((*found)->offset, tier);
}

Result<std::optional<Offset>> Reader::first_match(const Filter& filter, Offset after,
                                                  std::size_t candidates_max,
                                                  engine::Tier tier) const {
  Query query{.filter = filter, .after = after, .limit = 1};
  std::size_t looked_at = 0;
  for (;;) {
    auto page = read(query, tier);
    if (!page) return page.error();
    looked_at += page->explain.candidates;
    if (looked_at > candidates_max)
      return Error{Errc::condition_too_broad,
                   "a condition looked at " + std::to_string(looked_at) +
                       " events (limits.condition_postings): ask for a tag or an aggregate, or " +
                       "give a later `after`"};
    if (!page->events.empty()) return std::optional<Offset>{page->events.front().offset};
    if (!page->next) return std::optional<Offset>{};
    query.after = *page->next;
  }
}

Result<Offset> Reader::resolve(const GroupStart& point) const {
  const Offset head = window_.committed();
  if (std::holds_alternative<FromBeginning>(point)) return Offset{0};
  if (const auto* after = std::get_if<Offset>(&point)) {
    if (*after > head)
      return Error{Errc::beyond_head, "offset " + std::to_string(after->value) +
                                          " is beyond the head, " + std::to_string(head.value)};
    return *after;
  }
  if (const auto* time = std::get_if<Timestamp>(&point)) return book_.last_before(*time, head);
  return head;
}

}  // namespace daybook
