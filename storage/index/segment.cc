#include "storage/index/segment.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "storage/base/check.h"
#include "storage/model/command.h"

namespace daybook {

std::size_t TermHash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

std::string_view Segment::Memory::keep(std::string_view text) {
  auto* copy = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  bytes_ += text.size();
  return {copy, text.size()};
}

bool Segment::full() const {
  return count_ >= events_max_ || bytes() >= bytes_max_;
}

void Segment::add(const Append& append, const Draft& draft, const Placed& placed) {
  post({draft.event_type, draft.aggregate_type, draft.aggregate_id, draft.correlation_id,
        draft.causation_id, draft.tags},
       placed);
  if (!draft.id.empty())
    know(append.id_space, draft.id,
         {.offset = placed.offset, .digest = draft.digest, .batch_index = placed.batch_index});
}

void Segment::add(const EventView& event) {
  post({event.event_type, event.aggregate_type, event.aggregate_id, event.correlation_id,
        event.causation_id, event.tags},
       {.offset = event.offset,
        .sequence = event.sequence,
        .recorded_at = event.recorded_at,
        .batch_index = event.batch_index});
  if (!event.id.server_made())
    know(event.id_space, event.id.text,
         {.offset = event.offset, .digest = event.digest, .batch_index = event.batch_index});
}

void Segment::post(const Terms& terms, const Placed& placed) {
  CHECK(placed.offset == first_ + count_);
  const std::uint32_t place = count_++;
  memory_.count(8 * sizeof(std::uint32_t));
  post(TermKind::event_type, terms.event_type, place);
  post(TermKind::aggregate_type, terms.aggregate_type, place);
  post_aggregate(terms.aggregate_type, terms.aggregate_id, placed, place);
  for (const std::string_view tag : terms.tags) post(TermKind::tag, tag, place);
  if (!terms.correlation_id.empty()) post(TermKind::correlation, terms.correlation_id, place);
  if (!terms.causation_id.empty()) post(TermKind::causation, terms.causation_id, place);
}

void Segment::post(TermKind kind, std::string_view name, std::uint32_t place) {
  scratch_.clear();
  append_term(scratch_, kind, name);
  auto found = term_places_.find(std::string_view(scratch_));
  if (found == term_places_.end()) {
    const std::string_view kept = memory_.keep(scratch_);
    memory_.count(sizeof(TermPostings) + 48);
    found = term_places_.emplace(kept, &terms_.emplace_back(TermPostings{kept, {}})).first;
  }
  found->second->places.push_back(place);
}

void Segment::post_aggregate(std::string_view type, std::string_view id, const Placed& placed,
                             std::uint32_t place) {
  scratch_.clear();
  append_term(scratch_, TermKind::aggregate, id);
  scratch_.append(type).push_back('\0');
  auto found = aggregate_places_.find(std::string_view(scratch_));
  if (found == aggregate_places_.end()) {
    const std::string_view kept = memory_.keep(scratch_);
    memory_.count(sizeof(AggregatePostings) + 96);
    AggregatePostings& postings = aggregates_.emplace_back();
    postings.term = kept;
    postings.first_sequence = placed.sequence;
    postings.first_recorded_at = placed.recorded_at;
    found = aggregate_places_.emplace(kept, &postings).first;
    aggregates_by_id_[names_of(kept).first].push_back(&postings);
  }
  AggregatePostings& postings = *found->second;
  CHECK(postings.places.empty() || placed.sequence == postings.last_sequence() + 1);
  postings.places.push_back(place);
  postings.last_recorded_at = placed.recorded_at;
}

void Segment::know(std::string_view id_space, std::string_view id, const KnownId& known) {
  const std::string_view kept = memory_.keep(id_term(id_space, id));
  memory_.count(sizeof(KnownId) + 32);
  const bool is_new = ids_.emplace(kept, known).second;
  CHECK(is_new);
}

void Segment::add_block(std::shared_ptr<const Block> block) {
  block_bytes_ += block->bytes();
  blocks_.push_back(std::move(block));
}

const TermPostings* Segment::find(std::string_view term) const {
  const auto found = term_places_.find(term);
  return found == term_places_.end() ? nullptr : found->second;
}

const AggregatePostings* Segment::aggregate(std::string_view term) const {
  const auto found = aggregate_places_.find(term);
  return found == aggregate_places_.end() ? nullptr : found->second;
}

std::vector<const AggregatePostings*> Segment::aggregates_with_id(std::string_view id) const {
  const auto found = aggregates_by_id_.find(id);
  if (found == aggregates_by_id_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

const KnownId* Segment::id(std::string_view id_term) const {
  const auto found = ids_.find(id_term);
  return found == ids_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Block> Segment::block_at(Offset offset) const {
  const auto after = std::ranges::upper_bound(blocks_, offset, {},
                                              [](const auto& block) { return block->first(); });
  if (after == blocks_.begin()) return nullptr;
  const auto& block = *std::prev(after);
  return block->contains(offset) ? block : nullptr;
}

}  // namespace daybook
