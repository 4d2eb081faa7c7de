#include "storage/model/interests.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace daybook {

Interest::Interest(Interests& all, Filter filter, std::function<void()> told)
    : all_(all), filter_(std::move(filter)), told_(std::move(told)) {
  all_.add(*this);
}

Interest::~Interest() {
  all_.remove(*this);
}

// Where there is no other, nobody misses what was never looked at.
void Interest::begin(Offset head) {
  last_match_ = head;
  if (all_.size() == 1) all_.looked_at_ = std::max(all_.looked_at_, head);
}

Offset Interest::quiet_up_to(Offset position) const {
  if (!may_match_above(position)) return std::max(position, all_.looked_at());
  const bool is_in_gap = match_before_ <= position && position < match_after_gap_;
  return is_in_gap ? match_after_gap_ - 1 : position;
}

bool Interest::closed() const {
  return all_.closed();
}

void Interest::mark(Offset first, Offset last) {
  if (last <= last_match_) return;
  const Offset before = std::exchange(last_match_, last);
  if (marked_) return;
  marked_ = true;
  all_.marked_.push_back(this);
  match_before_ = before;
  match_after_gap_ = std::max(before + 1, first);
}

std::size_t Interests::Hash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

// What is narrowest by its nature.
Interests::Keys Interests::keys_of(const Filter& filter) {
  if (!filter.correlation_id.empty()) return {{By::correlation, filter.correlation_id}};
  if (!filter.causation_id.empty()) return {{By::causation, filter.causation_id}};
  if (!filter.aggregate_id.empty()) return {{By::aggregate_id, filter.aggregate_id}};
  if (!filter.tags.empty()) return {{By::tag, filter.tags.front()}};
  Keys keys;
  const auto add_types = [&keys](const std::vector<std::string>& patterns) {
    for (const std::string_view pattern : patterns)
      keys.push_back(pattern.ends_with('*')
                         ? Key{By::type_prefix, pattern.substr(0, pattern.size() - 1)}
                         : Key{By::event_type, pattern});
  };
  add_types(filter.event_types);
  if (filter.event_types.empty()) {
    for (const FilterItem& item : filter.items) {
      if (!item.tags.empty()) {
        keys.push_back({By::tag, item.tags.front()});
      } else if (!item.event_types.empty()) {
        add_types(item.event_types);
      } else {  // It matches everything, and the others do not matter.
        keys.clear();
        break;
      }
    }
  }
  if (keys.empty() && !filter.aggregate_type.empty())
    return {{By::aggregate_type, filter.aggregate_type}};
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  return keys;
}

void Interests::add(Interest& interest) {
  all_.insert(&interest);
  count_.store(all_.size());
  const Keys keys = keys_of(interest.filter_);
  if (keys.empty()) unfiltered_.insert(&interest);
  for (const Key& key : keys) {
    map(key.by)[std::string(key.name)].push_back(&interest);
    if (key.by == By::type_prefix) ++prefix_lengths_[key.name.size()];
  }
}

void Interests::remove(Interest& interest) {
  all_.erase(&interest);
  count_.store(all_.size());
  unfiltered_.erase(&interest);
  if (interest.marked_) std::erase(marked_, &interest);
  for (const Key& key : keys_of(interest.filter_)) {
    Map& readers_of = map(key.by);
    const auto found = readers_of.find(key.name);
    Readers& readers = found->second;
    *std::ranges::find(readers, &interest) = readers.back();
    readers.pop_back();
    if (readers.empty()) readers_of.erase(found);
    if (key.by != By::type_prefix) continue;
    const auto length = prefix_lengths_.find(key.name.size());
    if (--length->second == 0) prefix_lengths_.erase(length);
  }
}

void Interests::look_up(By by, std::string_view name, const EventView& event) {
  const Map& readers_of = map(by);
  if (readers_of.empty()) return;
  const auto found = readers_of.find(name);
  if (found == readers_of.end()) return;
  for (Interest* const interest : found->second)
    if (interest->filter_.matches(event)) interest->mark(event.offset, event.offset);
}

void Interests::look_at(const EventView& event) {
  look_up(By::aggregate_id, event.aggregate_id, event);
  look_up(By::correlation, event.correlation_id, event);
  look_up(By::causation, event.causation_id, event);
  for (const std::string_view tag : event.tags) look_up(By::tag, tag, event);
  look_up(By::event_type, event.event_type, event);
  for (const auto& [length, count] : prefix_lengths_) {
    if (length > event.event_type.size()) break;
    look_up(By::type_prefix, event.event_type.substr(0, length), event);
  }
  look_up(By::aggregate_type, event.aggregate_type, event);
}

void Interests::mark_all(Offset head) {
  for (Interest* const interest : all_) interest->mark(looked_at_ + 1, head);
}

std::size_t Interests::tell_up_to(Offset head) {
  if (head > looked_at_)
    for (Interest* const interest : unfiltered_) interest->mark(looked_at_ + 1, head);
  looked_at_ = std::max(looked_at_, head);
  for (Interest* const interest : marked_) {
    interest->marked_ = false;
    interest->told_();
  }
  const std::size_t told = marked_.size();
  marked_.clear();
  return told;
}

void Interests::tell_all() {
  for (Interest* const interest : all_) interest->told_();
}

void Interests::close() {
  closed_ = true;
  tell_all();
}

}  // namespace daybook
