#include "tests/storage/witness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tests/storage/overlapping.h"

namespace daybook {
namespace {

constexpr const char* kGroup = "readers";

std::string payload_of(std::size_t batch, std::size_t place, std::size_t bytes) {
  return "{\"batch\":" + std::to_string(batch) + ",\"place\":" + std::to_string(place) +
         ",\"fill\":\"" + std::string(bytes, static_cast<char>('a' + batch % 26)) + "\"}";
}

std::vector<Offset> offsets_of(const Store& store, const Filter& filter) {
  std::vector<Offset> offsets;
  Query query;
  query.filter = filter;
  query.limit = 50;
  for (;;) {
    const auto page = store.reader().read(query, engine::Tier::disk);
    if (!page) {
      ADD_FAILURE() << page.error().detail;
      return offsets;
    }
    for (const EventView& event : page->events) offsets.push_back(event.offset);
    if (!page->next) return offsets;
    query.after = *page->next;
  }
}

}  // namespace

Witness::SentBatch Witness::make_batch(std::size_t number) {
  SentBatch batch;
  const bool has_ids = chance(70);
  const bool is_large = chance(5);  // more than one block
  const std::size_t count = is_large ? 40 : 1 + random_() % 5;
  for (std::size_t place = 0; place < count; ++place) {
    SentEvent event;
    if (has_ids) event.id = "b" + std::to_string(number) + "-" + std::to_string(place);
    event.event_type = "thing.done" + std::to_string(random_() % 3);
    event.aggregate_type = chance(50) ? "thing" : "other";
    event.aggregate_id = "a" + std::to_string(random_() % 7);
    event.tag = "tag:" + std::to_string(random_() % 4);
    event.payload = payload_of(number, place, is_large ? 8000 : random_() % 900);
    batch.events.push_back(std::move(event));
  }
  return batch;
}

Append Witness::append_of(const SentBatch& batch) {
  std::size_t bytes = 0;
  for (const SentEvent& event : batch.events)
    bytes += event.id.size() + event.event_type.size() + event.aggregate_type.size() +
             event.aggregate_id.size() + event.tag.size() + event.payload.size();
  Append append;
  append.text = Text(bytes);
  const auto keep = [&](const std::string& text) {
    std::copy(text.begin(), text.end(), append.text.end());
    return append.text.keep(text.size());
  };
  for (const SentEvent& event : batch.events) {
    Draft draft;
    draft.id = keep(event.id);
    draft.event_type = keep(event.event_type);
    draft.aggregate_type = keep(event.aggregate_type);
    draft.aggregate_id = keep(event.aggregate_id);
    draft.tags.push_back(keep(event.tag));
    draft.payload = keep(event.payload);
    append.events.push_back(std::move(draft));
  }
  append.seal(Timestamp{++clock_}, random_());
  return append;
}

void Witness::add_append(Round& round, Offset head) {
  const std::size_t number = batches_.size();
  batches_.push_back(make_batch(number));
  Append append = append_of(batches_.back());
  Sent what;
  what.batch = number;
  if (group_exists_ && chance(20)) {
    what.commits = std::max(group_committed_, head);
    append.commit = CommitOffset{.group = kGroup, .offset = *what.commits, .generation = {}};
  }
  round.jobs.push_back({.command = std::move(append), .evidence = {}});
  round.sent.push_back(what);
}

// A client that lost its answer sends the same again.
void Witness::add_retry(Round& round) {
  if (batches_.empty()) return;
  const std::size_t number = random_() % batches_.size();
  const SentBatch& batch = batches_[number];
  const bool waits_already =
      std::ranges::any_of(round.sent, [&](const Sent& other) { return other.batch == number; });
  if (batch.events.front().id.empty() || batch.fate == Fate::in_doubt || waits_already) return;
  round.jobs.push_back({.command = append_of(batch), .evidence = {}});
  round.sent.push_back({.batch = number, .is_retry = true, .commits = {}});
}

void Witness::add_group_command(Round& round, Offset head) {
  if (!group_exists_) {
    PutGroup put;
    put.group = kGroup;
    round.jobs.push_back({.command = std::move(put), .evidence = {}});
    round.sent.push_back({.batch = {}, .is_retry = false, .commits = Offset{0}});
    return;
  }
  const Offset offset =
      group_committed_ + (head > group_committed_ ? random_() % (head - group_committed_ + 1) : 0);
  round.jobs.push_back(
      {.command = CommitOffset{.group = kGroup, .offset = offset, .generation = {}},
       .evidence = {}});
  round.sent.push_back({.batch = {}, .is_retry = false, .commits = offset});
}

Witness::Round Witness::make_round(Offset head) {
  Round round;
  if (chance(25)) add_group_command(round, head);
  if (chance(20)) add_retry(round);
  for (std::uint64_t i = random_() % 3 + 1; i > 0; --i) add_append(round, head);
  return round;
}

// False: the disk failed a reader.
bool Witness::gather(const Store& store, Round& round) {
  for (Job& job : round.jobs) {
    auto evidence = store.gather(job.command, engine::Tier::disk);
    if (!evidence) return false;
    job.evidence = std::move(*evidence);
  }
  return true;
}

bool Witness::append(Store& store, std::size_t commits) {
  const std::size_t known = batches_.size();
  std::vector<Round> rounds;
  while (rounds.size() < commits) rounds.push_back(make_round(store.committed()));
  for (Round& round : rounds) {
    if (gather(store, round)) continue;
    for (std::size_t i = known; i < batches_.size(); ++i) batches_[i].fate = Fate::absent;
    return false;  // Nothing was sent.
  }
  std::vector<std::vector<Job*>> jobs(rounds.size());
  for (std::size_t i = 0; i < rounds.size(); ++i)
    for (Job& job : rounds[i].jobs) jobs[i].push_back(&job);
  test::apply_overlapping(store, jobs);
  for (const Round& round : rounds) note(round);
  return !store.failed();
}

void Witness::note(const Round& round) {
  for (std::size_t i = 0; i < round.jobs.size(); ++i) note(round.jobs[i], round.sent[i]);
}

void Witness::note(const Job& job, const Sent& sent) {
  SentBatch* batch = sent.batch ? &batches_[*sent.batch] : nullptr;
  if (!job.result) {
    if (job.result.error().code == Errc::io_failed) {
      if (batch && batch->fate == Fate::absent) batch->fate = Fate::in_doubt;
      if (sent.commits) group_in_doubt_.insert(*sent.commits);
      return;
    }
    // Two commands of one group may commit the same group: the later one may come too late.
    EXPECT_EQ(Errc::commit_backwards, job.result.error().code) << job.result.error().detail;
    if (batch && !sent.is_retry) batch->fate = Fate::absent;
    return;
  }
  if (sent.commits) {
    group_exists_ = true;
    group_committed_ = std::max(group_committed_, *sent.commits);
  }
  if (!batch) return;
  if (sent.is_retry && batch->fate == Fate::there) {
    ASSERT_TRUE(job.result->repeat) << "a retry was taken for something new";
    EXPECT_EQ(batch->first, job.result->repeat->first);
    return;
  }
  ASSERT_EQ(batch->events.size(), job.result->placed.size());
  batch->fate = Fate::there;
  batch->first = job.result->placed.front().offset;
}

bool Witness::post(Store& store) {
  return store.post_all().has_value();
}

bool Witness::step(Store& store) {
  const std::uint64_t what = random_() % 100;
  if (what < 75) return append(store, 1 + random_() % 3);
  if (what < 85) return post(store);
  if (what < 90) return store.sync_head_mark().has_value();
  const Offset head = store.committed();
  if (head.value == 0) return true;
  const auto page = store.reader().find(Offset{1 + random_() % head.value}, engine::Tier::disk);
  if (!page) return false;
  check_event(page->events.front());
  return true;
}

std::size_t Witness::acknowledged() const {
  return static_cast<std::size_t>(
      std::count_if(batches_.begin(), batches_.end(),
                    [](const SentBatch& batch) { return batch.fate == Fate::there; }));
}

// Finds which sent event this is, by its payload, and that it is that event in every part.
void Witness::check_event(const EventView& event) {
  std::size_t batch = 0;
  std::size_t place = 0;
  const std::string payload(event.payload);
  ASSERT_EQ(2, std::sscanf(payload.c_str(), "{\"batch\":%zu,\"place\":%zu", &batch, &place));
  ASSERT_LT(batch, batches_.size());
  ASSERT_LT(place, batches_[batch].events.size());
  const SentEvent& sent = batches_[batch].events[place];
  EXPECT_EQ(sent.payload, payload);
  EXPECT_EQ(sent.event_type, event.event_type);
  EXPECT_EQ(sent.aggregate_type, event.aggregate_type);
  EXPECT_EQ(sent.aggregate_id, event.aggregate_id);
  ASSERT_EQ(1U, event.tags.size());
  EXPECT_EQ(sent.tag, event.tags.front());
  EXPECT_EQ(sent.id.empty(), event.id.server_made());
  EXPECT_TRUE(sent.id.empty() || sent.id == event.id.to_string()) << sent.id;
  EXPECT_EQ(place, event.batch_index);

  const auto [seen, is_first] = seen_.try_emplace(event.offset, batch, place);
  EXPECT_EQ(seen->second, std::pair(batch, place))
      << "offset " << event.offset.value << " showed another event before";
  if (event.offset.value != log_.size() + 1) return;  // Not `read_all`, which goes in order.
  log_.push_back({.batch = batch, .place = place, .sequence = event.sequence});
}

void Witness::read_all(const Store& store) {
  log_.clear();
  last_recorded_ = {};
  Query query;
  query.limit = 100;
  for (;;) {
    const auto page = store.reader().read(query, engine::Tier::disk);
    ASSERT_TRUE(page) << page.error().detail;
    for (const EventView& event : page->events) {
      ASSERT_EQ(log_.size() + 1, event.offset.value) << "offsets have a gap";
      ASSERT_NO_FATAL_FAILURE(check_event(event));
      EXPECT_LE(last_recorded_, event.recorded_at) << "offset " << event.offset.value;
      last_recorded_ = event.recorded_at;
    }
    if (!page->next) break;
    query.after = *page->next;
  }
  ASSERT_EQ(store.committed().value, log_.size());
  EXPECT_LE(seen_.size(), log_.size()) << "something that a reader saw has vanished";
}

void Witness::check_batches(const Store& store) {
  std::map<std::size_t, Offset> firsts;
  for (std::size_t i = 0; i < log_.size(); ++i) {
    const Found& found = log_[i];
    if (found.place > 0) {
      ASSERT_TRUE(i > 0 && log_[i - 1].batch == found.batch && log_[i - 1].place + 1 == found.place)
          << "batch " << found.batch << " is not whole at offset " << i + 1;
      continue;
    }
    ASSERT_TRUE(i == 0 || log_[i - 1].place + 1 == batches_[log_[i - 1].batch].events.size())
        << "batch " << log_[i - 1].batch << " ends early at offset " << i;
    ASSERT_TRUE(firsts.emplace(found.batch, Offset{i + 1}).second)
        << "batch " << found.batch << " is there twice";
  }
  if (!log_.empty()) {
    ASSERT_EQ(log_.back().place + 1, batches_[log_.back().batch].events.size())
        << "the last batch is cut";
  }
  for (std::size_t number = 0; number < batches_.size(); ++number) {
    SentBatch& batch = batches_[number];
    const auto found = firsts.find(number);
    const bool is_there = found != firsts.end();
    if (batch.fate == Fate::there) {
      ASSERT_TRUE(is_there) << "acknowledged batch " << number << " is gone";
      EXPECT_EQ(batch.first, found->second);
    }
    EXPECT_FALSE(batch.fate == Fate::absent && is_there) << "batch " << number << " was refused";
    if (batch.fate == Fate::in_doubt && !store.failed()) {
      batch.fate = is_there ? Fate::there : Fate::absent;
      if (is_there) batch.first = found->second;
    }
  }
}

void Witness::check_group(const Store& store) {
  const auto row = store.groups().find(kGroup);
  EXPECT_FALSE(row && !group_exists_ && group_in_doubt_.empty()) << "nobody made the group";
  ASSERT_FALSE(!row && group_exists_) << "the group is gone";
  if (!row) return;
  EXPECT_GE(row->committed, group_committed_) << "the group went back";
  EXPECT_LE(row->committed, store.committed());
  EXPECT_TRUE((group_exists_ && row->committed == group_committed_) ||
              group_in_doubt_.contains(row->committed))
      << "nobody committed " << row->committed.value;
  if (store.failed()) return;
  group_exists_ = true;
  group_committed_ = row->committed;
  group_in_doubt_.clear();
}

// The same events, asked for in every way.
void Witness::check_index(const Store& store) const {
  std::map<std::pair<std::string, std::string>, std::vector<Offset>> aggregates;
  std::map<std::string, std::vector<Offset>> types;
  std::map<std::string, std::vector<Offset>> tags;
  for (std::size_t i = 0; i < log_.size(); ++i) {
    const SentEvent& event = batches_[log_[i].batch].events[log_[i].place];
    auto& history = aggregates[{event.aggregate_type, event.aggregate_id}];
    history.push_back(Offset{i + 1});
    ASSERT_EQ(history.size(), log_[i].sequence.value) << "sequences have a gap";
    types[event.event_type].push_back(Offset{i + 1});
    tags[event.tag].push_back(Offset{i + 1});
    if (event.id.empty() || i % 7 != 0) continue;
    const auto found = store.reader().find("", event.id, engine::Tier::disk);
    ASSERT_TRUE(found) << event.id << ": " << found.error().detail;
    EXPECT_EQ(i + 1, found->events.front().offset.value);
  }
  for (const auto& [name, history] : aggregates) {
    const auto info = store.aggregates().find(name.first, name.second);
    ASSERT_TRUE(info) << info.error().detail;
    EXPECT_EQ(history.size(), info->sequence.value);
    EXPECT_EQ(history.front(), info->first_offset);
    EXPECT_EQ(history.back(), info->last_offset);
    Filter filter;
    filter.aggregate_type = name.first;
    filter.aggregate_id = name.second;
    EXPECT_EQ(history, offsets_of(store, filter));
  }
  for (const auto& [type, offsets] : types) {
    Filter filter;
    filter.event_types = {type};
    EXPECT_EQ(offsets, offsets_of(store, filter)) << type;
  }
  for (const auto& [tag, offsets] : tags) {
    Filter filter;
    filter.tags = {tag};
    EXPECT_EQ(offsets, offsets_of(store, filter)) << tag;
  }
}

void Witness::check(const Store& store) {
  ASSERT_NO_FATAL_FAILURE(read_all(store));
  ASSERT_NO_FATAL_FAILURE(check_batches(store));
  ASSERT_NO_FATAL_FAILURE(check_group(store));
  ASSERT_NO_FATAL_FAILURE(check_index(store));
}

}  // namespace daybook
