// A segment as sorted entries of the index.
#include <algorithm>

#include "storage/engine/keys.h"
#include "storage/index/index.h"

namespace daybook {
namespace {

constexpr std::size_t at(IndexColumn column) {
  return static_cast<std::size_t>(column);
}

engine::Entry entry_of(const Segment& segment, const TermPostings& postings) {
  const Offset first = segment.first() + postings.places.front();
  return {engine::Key().raw(postings.term).number(first.value).bytes(),
          encode_places(segment, postings.places)};
}

engine::Entry entry_of(const Segment& segment, const AggregatePostings& postings) {
  return {engine::Key().raw(postings.term).number(postings.first_sequence.value).bytes(),
          encode(segment, postings)};
}

// An aggregate is listed when its first event is posted.
engine::Entry listed_entry(const AggregatePostings& postings) {
  const auto [id, type] = names_of(postings.term);
  return {engine::Key().raw(term(TermKind::listed, type, id)).number(0).bytes(), {}};
}

void sort_by_key(std::vector<engine::Entry>& entries) {
  std::ranges::sort(entries, {}, &engine::Entry::key);
}

}  // namespace

std::vector<engine::SortedChunk> chunks_of(const Segment& segment, const LogId& log) {
  engine::SortedChunk postings{.column = at(IndexColumn::postings), .entries = {}};
  postings.entries.reserve(segment.terms().size() + segment.aggregates().size() * 2);
  for (const TermPostings& term : segment.terms())
    postings.entries.push_back(entry_of(segment, term));
  for (const AggregatePostings& aggregate : segment.aggregates()) {
    postings.entries.push_back(entry_of(segment, aggregate));
    if (aggregate.first_sequence == Sequence{1})
      postings.entries.push_back(listed_entry(aggregate));
  }
  sort_by_key(postings.entries);

  engine::SortedChunk ids{.column = at(IndexColumn::ids), .entries = {}};
  segment.for_each_id([&](std::string_view term, const KnownId& known) {
    ids.entries.push_back({engine::Key().raw(term).bytes(), encode(known)});
  });
  sort_by_key(ids.entries);

  std::string posted(reinterpret_cast<const char*>(log.data()), log.size());
  append_little(posted, segment.last().value);
  engine::SortedChunk meta{.column = at(IndexColumn::meta), .entries = {}};
  meta.entries.push_back({engine::Key().raw("posted").bytes(), std::move(posted)});
  return {std::move(postings), std::move(ids), std::move(meta)};
}

}  // namespace daybook
