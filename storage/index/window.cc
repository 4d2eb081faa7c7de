#include "storage/index/window.h"

#include <algorithm>

#include "storage/model/command.h"

namespace daybook {
namespace {

using Lock = std::shared_lock<std::shared_mutex>;

// Adds the places of one list that lie within the bounds.
void add_places(const Segment& segment, const Places& places, Between bounds, Offset head,
                Order order, std::size_t max, std::vector<Offset>& out) {
  const auto offset_of = [&](std::uint32_t place) { return segment.first() + place; };
  auto begin = std::ranges::upper_bound(places, bounds.after, {}, offset_of);
  auto end = std::ranges::lower_bound(places, std::min(bounds.before, head + 1), {}, offset_of);
  if (begin >= end) return;
  if (order == Order::ascending) {
    for (; begin != end && out.size() < max; ++begin) out.push_back(offset_of(*begin));
  } else {
    while (begin != end && out.size() < max) out.push_back(offset_of(*--end));
  }
}

// Visits the segments in the order asked.
template <class Segments, class Visit>
void each(const Segments& segments, Order order, Visit visit) {
  if (order == Order::ascending) {
    for (const auto& segment : segments) visit(*segment);
  } else {
    for (auto it = segments.rbegin(); it != segments.rend(); ++it) visit(**it);
  }
}

}  // namespace

Error recovering() {
  return {Errc::recovering,
          "the index is being rebuilt: until then events are read by offset alone; try again"};
}

void WindowView::collect(std::string_view term, Between bounds, Order order, std::size_t max,
                         std::vector<Offset>& out) const {
  const Lock lock(*mutex_);
  each(segments_, order, [&](const Segment& segment) {
    if (term.front() == static_cast<char>(TermKind::aggregate)) {
      if (const auto* found = segment.aggregate(term))
        add_places(segment, found->places, bounds, head_, order, max, out);
    } else if (const auto* found = segment.find(term)) {
      add_places(segment, found->places, bounds, head_, order, max, out);
    }
  });
}

std::vector<std::string> WindowView::aggregate_terms(std::string_view aggregate_id) const {
  std::vector<std::string> out;
  const Lock lock(*mutex_);
  for (const auto& segment : segments_)
    for (const AggregatePostings* found : segment->aggregates_with_id(aggregate_id))
      out.emplace_back(found->term);
  return out;
}

std::vector<Offset> WindowView::sequences(std::string_view term, Sequence from, Sequence to) const {
  std::vector<Offset> out;
  const Lock lock(*mutex_);
  for (const auto& segment : segments_) {
    const AggregatePostings* found = segment->aggregate(term);
    if (!found || found->last_sequence() < from || to < found->first_sequence) continue;
    const std::uint64_t skip =
        from > found->first_sequence ? from - found->first_sequence : std::uint64_t{0};
    for (std::size_t i = skip; i < found->places.size(); ++i) {
      const Offset offset = segment->first() + found->places[i];
      if (found->first_sequence + i > to || offset > head_) break;
      out.push_back(offset);
    }
  }
  return out;
}

std::vector<std::string> WindowView::event_types(std::string_view prefix) const {
  const std::string start = std::string(1, static_cast<char>(TermKind::event_type)).append(prefix);
  std::vector<std::string> out;
  const Lock lock(*mutex_);
  for (const auto& segment : segments_)
    for (const TermPostings& postings : segment->terms())
      if (postings.term.starts_with(start))
        out.emplace_back(postings.term.substr(1, postings.term.size() - 2));
  return out;
}

std::optional<AggregateInfo> WindowView::aggregate(std::string_view type,
                                                   std::string_view id) const {
  const std::string term = aggregate_term(type, id);
  std::optional<AggregateInfo> info;
  const Lock lock(*mutex_);
  for (const auto& segment : segments_) {
    const AggregatePostings* found = segment->aggregate(term);
    if (!found || segment->first() + found->places.front() > head_) continue;
    std::size_t last = found->places.size() - 1;
    while (segment->first() + found->places[last] > head_) --last;
    if (!info) {
      info = AggregateInfo{.aggregate_type = std::string(type), .aggregate_id = std::string(id)};
      info->first_offset = segment->first() + found->places.front();
      info->created_at = found->first_recorded_at;
    }
    info->sequence = found->first_sequence + last;
    info->last_offset = segment->first() + found->places[last];
    info->updated_at = found->last_recorded_at;
    if (last + 1 < found->places.size())  // Written since, and not committed: no reader sees it.
      if (const auto event = segment->block_at(info->last_offset)->event(info->last_offset))
        info->updated_at = event->recorded_at;
  }
  return info;
}

std::optional<KnownId> WindowView::id(std::string_view id_term) const {
  const Lock lock(*mutex_);
  for (const auto& segment : segments_)
    if (const KnownId* known = segment->id(id_term); known && known->offset <= head_) return *known;
  return std::nullopt;
}

void WindowView::aggregates_above(std::string_view after, std::string_view type,
                                  std::vector<std::string>& out) const {
  const Lock lock(*mutex_);
  for (const auto& segment : segments_) {
    for (const AggregatePostings& postings : segment->aggregates()) {
      const auto [id, of_type] = names_of(postings.term);
      if (!type.empty() && of_type != type) continue;
      if (segment->first() + postings.places.front() > head_) continue;
      std::string listed = term(TermKind::listed, of_type, id);
      if (listed > after) out.push_back(std::move(listed));
    }
  }
}

std::shared_ptr<const Block> WindowView::block_at(Offset offset) const {
  const Lock lock(*mutex_);
  const auto after = std::ranges::upper_bound(segments_, offset, {},
                                              [](const auto& segment) { return segment->first(); });
  return after == segments_.begin() ? nullptr : (*std::prev(after))->block_at(offset);
}

Window::Window(Offset head, WindowOptions options)
    : options_(options),
      heads_(options.heads_max, options.hash_seed),
      committed_(head.value),
      posted_(head) {
  add_segment(head + 1);
}

WindowView Window::view() const {
  const Lock lock(mutex_);
  WindowView view;
  view.head_ = committed();
  view.is_whole_ = is_whole();
  view.segments_.assign(segments_.begin(), segments_.end());
  view.mutex_ = &mutex_;
  return view;
}

void Window::begin_commit() {
  const std::unique_lock lock(mutex_);
  grow_if_full();
}

void Window::add(const Append& append, std::span<Placed> placed,
                 std::span<const Sequence> evidence) {
  std::string term;
  const std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const Draft& draft = append.events[i];
    term.clear();
    append_term(term, TermKind::aggregate, draft.aggregate_id);
    term.append(draft.aggregate_type).push_back('\0');
    auto head = heads_.find(term);
    if (!head) head = find_in_segments(term);
    placed[i].sequence = head.value_or(evidence[i]) + 1;
    heads_.put(term, placed[i].sequence);
    segments_.back()->add(append, draft, placed[i]);
  }
}

void Window::commit(std::vector<std::shared_ptr<const Block>> blocks, Offset head) {
  const std::unique_lock lock(mutex_);
  for (auto& block : blocks) add_block(std::move(block));
  committed_.store(head.value);
  if (segments_.back()->last() == head) grow_if_full();
  count_bytes(posted_);
}

// The next commit may have begun a segment already.
void Window::add_block(std::shared_ptr<const Block> block) {
  auto segment = segments_.rbegin();
  while ((*segment)->first() > block->first()) ++segment;
  (*segment)->add_block(std::move(block));
}

void Window::begin_load(Offset posted, Offset head) {
  const std::unique_lock lock(mutex_);
  is_whole_.store(false);
  committed_.store(head.value);
  posted_ = posted;
  segments_.clear();
  add_segment(posted + 1);
  count_bytes(posted_);
}

Result<void> Window::load(std::shared_ptr<const Block> block, Offset after) {
  const std::unique_lock lock(mutex_);
  for (Offset offset = std::max(block->first(), after + 1); offset <= block->last();
       offset = offset + 1) {
    auto event = block->event(offset);
    if (!event) return event.error();
    segments_.back()->add(*event);
  }
  segments_.back()->add_block(std::move(block));
  grow_if_full();
  count_bytes(posted_);
  return {};
}

void Window::add_segment(Offset first) {
  segments_.push_back(
      std::make_shared<Segment>(first, options_.chunk_events, options_.chunk_bytes));
}

void Window::grow() {
  add_segment(segments_.back()->last() + 1);
}

void Window::grow_if_full() {
  if (segments_.back()->full()) grow();
}

void Window::seal() {
  const std::unique_lock lock(mutex_);
  if (segments_.back()->count() > 0) grow();
}

void Window::count_bytes(Offset posted) {
  std::size_t all = 0;
  std::size_t unposted = 0;
  for (const auto& segment : segments_) {
    all += segment->bytes();
    if (segment->last() > posted) unposted += segment->bytes();
  }
  bytes_.store(all);
  unposted_bytes_.store(unposted);
}

std::optional<Sequence> Window::sequence_of(std::string_view aggregate_term) const {
  if (const auto head = heads_.find(aggregate_term)) return head;
  const Lock lock(mutex_);
  return find_in_segments(aggregate_term);
}

// The lock is held.
std::optional<Sequence> Window::find_in_segments(std::string_view aggregate_term) const {
  for (auto it = segments_.rbegin(); it != segments_.rend(); ++it)
    if (const auto* found = (*it)->aggregate(aggregate_term)) return found->last_sequence();
  return std::nullopt;
}

std::optional<KnownId> Window::id_as_written(std::string_view id_term) const {
  const Lock lock(mutex_);
  for (const auto& segment : segments_)
    if (const KnownId* known = segment->id(id_term)) return *known;
  return std::nullopt;
}

Offset Window::first() const {
  const Lock lock(mutex_);
  return segments_.front()->first();
}

std::shared_ptr<const Segment> Window::next_to_post(Offset posted) const {
  const Lock lock(mutex_);
  for (std::size_t i = 0; i + 1 < segments_.size(); ++i)
    if (segments_[i]->last() > posted)
      return segments_[i]->last() <= committed() ? segments_[i] : nullptr;
  return nullptr;
}

void Window::posted(Offset upto) {
  // What is forgotten is taken down after the lock: a segment is large.
  std::vector<std::shared_ptr<Segment>> forgotten;
  const std::scoped_lock held(forgetting_);
  const std::unique_lock lock(mutex_);
  posted_ = upto;
  // The newest posted segment stays: evidence that was gathered just now is still good.
  while (segments_.size() > 2 && segments_[1]->last() <= upto) {
    forgotten.push_back(std::move(segments_.front()));
    segments_.erase(segments_.begin());
  }
  count_bytes(posted_);
}

}  // namespace daybook
