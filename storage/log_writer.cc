#include "storage/log_writer.h"

#include <algorithm>

#include "storage/base/check.h"
#include "storage/server_id.h"

namespace daybook {
namespace {

template <class Changed>
Result<Applied> store_group(Result<Changed> changed, const std::string& name, Commit& rows) {
  if (!changed) return changed.error();
  if (changed->differs) rows.put_group(name, changed->row);
  Applied applied;
  applied.group = std::move(changed->row);
  applied.created = changed->is_new;
  return applied;
}

}  // namespace

LogWriter::LogWriter(Book& book, Window& window, Groups& groups, Offset head,
                     Timestamp last_recorded)
    : book_(book),
      window_(window),
      groups_(groups),
      last_recorded_(last_recorded),
      written_(head.value) {
  tail_.written = head;
}

PendingCommit LogWriter::begin() {
  CHECK(builder_.empty());
  window_.begin_commit();
  return {.rows = book_.new_commit(), .jobs = {}, .blocks = {}, .groups = {}, .head = {}};
}

void LogWriter::decide(Job& job, PendingCommit& commit) {
  commit.jobs.push_back(&job);
  if (failure_) return;
  const auto held = window_.hold();  // What the evidence may have missed is looked up there.
  const auto* appended = std::get_if<Append>(&job.command);
  job.result = appended ? append(*appended, job.evidence, commit) : change_group(job, commit.rows);
}

void LogWriter::seal(PendingCommit& commit) {
  if (!builder_.empty()) close_block(commit);
  commit.groups = groups_.take_changes(commit.rows);
  commit.head = tail_.written;
}

void LogWriter::sync(PendingCommit& commit) {
  if (failure_ || commit.rows.empty()) return;
  const auto began = std::chrono::steady_clock::now();
  commit.synced = book_.write(commit.rows, commit.head);
  commit.sync_time = std::chrono::steady_clock::now() - began;
}

void LogWriter::finish(PendingCommit& commit) {
  if (!failure_ && !commit.synced) failure_ = commit.synced.error();
  if (failure_) {
    for (Job* job : commit.jobs) job->result = *failure_;
    return;
  }
  // Only now: a crash must never take back what a reader has seen.
  written_.store(commit.head.value);
  groups_.publish(std::move(commit.groups));
  if (!commit.blocks.empty()) window_.commit(std::move(commit.blocks), commit.head);
  const auto later =
      std::ranges::upper_bound(tail_.pending, commit.head, {}, &PendingEvent::offset);
  tail_.pending.erase(tail_.pending.begin(), later);
}

Result<Applied> LogWriter::change_group(const Job& job, Commit& rows) {
  const Offset start = job.evidence.start;
  if (const auto* put = std::get_if<PutGroup>(&job.command)) {
    const bool at_head = std::holds_alternative<FromHead>(put->settings.start);
    return store_group(groups_.put(*put, at_head ? tail_.written : start), put->group, rows);
  }
  if (const auto* move = std::get_if<CommitOffset>(&job.command))
    return store_group(groups_.commit(*move, tail_.written), move->group, rows);
  if (const auto* reset = std::get_if<ResetGroup>(&job.command)) {
    const bool at_head = std::holds_alternative<FromHead>(reset->to);
    return store_group(groups_.reset(*reset, at_head ? tail_.written : start), reset->group, rows);
  }
  if (const auto* take = std::get_if<TakeGroup>(&job.command))
    return store_group(groups_.take(*take), take->group, rows);
  if (const auto* pause = std::get_if<PauseGroup>(&job.command))
    return store_group(groups_.pause(*pause), pause->group, rows);
  if (const auto* turns = std::get_if<TurnQueues>(&job.command)) return turn(*turns);
  if (const auto* remove = std::get_if<DeleteGroup>(&job.command)) {
    if (auto removed = groups_.remove(remove->group); !removed) return removed.error();
    rows.remove_group(remove->group);
    return Applied{};
  }
  return change_replay(job, rows);
}

Result<Applied> LogWriter::change_replay(const Job& job, Commit& rows) {
  if (const auto* cancel = std::get_if<CancelReplay>(&job.command))
    return store_group(groups_.cancel(*cancel), replay_name(cancel->id), rows);
  const auto& create = std::get<CreateReplay>(job.command);
  const bool at_head = std::holds_alternative<FromHead>(create.settings.start);
  const bool to_head = std::holds_alternative<FromHead>(create.upto);
  const Offset after = at_head ? tail_.written : job.evidence.start;
  const Offset upto = to_head ? tail_.written : std::min(job.evidence.upto, tail_.written);
  return store_group(groups_.create(create, after, upto), replay_name(create.id), rows);
}

Applied LogWriter::turn(const TurnQueues& turns) {
  Applied applied;
  applied.turns.reserve(turns.turns.size());
  std::vector<Demand> demand = turns.demand;
  for (const QueueTurn& turn : turns.turns) {
    auto queue = groups_.queue(turn.group);
    if (queue)
      applied.turns.emplace_back((*queue)->turn(turn, turns.now, demand));
    else
      applied.turns.emplace_back(queue.error());
  }
  return applied;
}

Result<Applied> LogWriter::append(const Append& append, const Evidence& evidence,
                                  PendingCommit& commit) {
  auto verdict = daybook::decide(append, evidence, window_, tail_, groups_);
  if (!verdict) return verdict.error();
  if (const auto* known = std::get_if<Repeat>(&*verdict))
    return repeat(append, *known, commit.rows);
  Applied applied;
  const Offset before = tail_.written;
  last_recorded_ = std::max(last_recorded_, append.stamped_at);
  applied.placed = place(append, evidence);
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    tail_.pending.push_back({&append.events[i], applied.placed[i].offset});
    builder_.add(append, append.events[i], applied.placed[i]);
    if (builder_.bytes() >= limits::block_bytes_target) close_block(commit);
  }
  if (append.commit) move_group(*append.commit, before, commit.rows);
  if (append.ack) ack(append);
  remember(append, before + 1, commit.rows);
  return applied;
}

// For what was checked before.
void LogWriter::move_group(const CommitOffset& commit, Offset before, Commit& rows) {
  auto moved = store_group(groups_.commit(commit, before), commit.group, rows);
  CHECK(moved.has_value());
}
void LogWriter::ack(const Append& append) {
  auto queue = groups_.queue(append.ack->group);
  CHECK(queue.has_value());
  (*queue)->ack(append.ack->leases, {append.stamped_moment, append.stamped_at});
}

// What a repeat may still do: move a group's offset forward, or finish what is leased yet.
Result<Applied> LogWriter::repeat(const Append& append, const Repeat& repeat, Commit& rows) {
  if (append.commit && groups_.check(*append.commit, tail_.written))
    move_group(*append.commit, tail_.written, rows);
  if (append.ack && groups_.check(*append.ack)) ack(append);
  Applied applied;
  applied.repeat = repeat;
  return applied;
}

std::vector<Placed> LogWriter::place(const Append& append, const Evidence& evidence) {
  std::vector<Placed> placed(append.events.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i].offset = tail_.written + (i + 1);
    placed[i].recorded_at = last_recorded_;
    placed[i].batch_index = static_cast<std::uint32_t>(i);
    if (append.events[i].id.empty())
      placed[i].server_id = make_server_id(book_.log_id(), placed[i].offset, last_recorded_,
                                           append.events[i].randomness);
  }
  tail_.written = tail_.written + placed.size();
  window_.add(append, placed, evidence.heads);
  return placed;
}

void LogWriter::remember(const Append& append, Offset first, Commit& rows) {
  if (!append.request_key) return;
  const RememberedRequest request{.body = append.request_key->body,
                                  .first = first,
                                  .count = static_cast<std::uint32_t>(append.events.size())};
  rows.remember(append.principal, append.request_key->key, request);
  tail_.requests.forget_below(window_.first());
  tail_.requests.remember(append.principal, append.request_key->key, request);
}

void LogWriter::close_block(PendingCommit& commit) {
  auto block = Block::trust(builder_.finish());
  commit.rows.add_block(block->first(), block->encoded());
  commit.blocks.push_back(std::move(block));
}

}  // namespace daybook
