#include "storage/store.h"

#include <algorithm>
#include <filesystem>

#include "storage/base/check.h"
#include "storage/server_id.h"

namespace daybook {
namespace {

// Request keys are kept in memory as long as evidence may have missed them.
constexpr std::size_t kRecentRequests = 100'000;

template <class Changed>
Result<Applied> store_group(Result<Changed> changed, const std::string& name, Commit& commit) {
  if (!changed) return changed.error();
  if (changed->differs) commit.put_group(name, changed->row);
  Applied applied;
  applied.group = std::move(changed->row);
  applied.created = changed->is_new;
  return applied;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Options options) {
  std::unique_ptr<Store> store(new Store(std::move(options)));
  const Options& how = store->options_;
  std::error_code failed;
  std::filesystem::create_directories(how.data_dir, failed);
  if (failed) return Error{Errc::io_failed, how.data_dir + ": " + failed.message()};
  auto lock = DirectoryLock::take(how.data_dir);
  if (!lock) return lock.error();
  store->lock_ = std::move(*lock);
  auto book = Book::open({.data_dir = how.data_dir,
                          .memory = &store->memory_,
                          .file_system = how.file_system,
                          .new_log_id = how.new_log_id});
  if (!book) return book.error();
  store->book_ = std::move(*book);
  const Offset head = store->book_->head_at_open();
  auto index = Index::open({.data_dir = how.data_dir,
                            .memory = &store->memory_,
                            .file_system = how.file_system,
                            .log = store->book_->log_id(),
                            .head = head});
  if (!index) return index.error();
  store->index_ = std::move(*index);
  store->groups_ = std::make_unique<Groups>(store->book_->groups_at_open());
  if (auto loaded = store->load_window(); !loaded) return loaded.error();
  store->reader_ = std::make_unique<Reader>(*store->book_, *store->index_, *store->window_);
  store->aggregates_ =
      std::make_unique<Aggregates>(*store->index_, *store->window_, *store->reader_);
  store->gatherer_ = std::make_unique<Gatherer>(*store->book_, *store->index_, *store->window_,
                                                *store->reader_, how.condition_postings);
  return store;
}

Store::~Store() = default;

Result<void> Store::load_window() {
  const Offset head = book_->head_at_open();
  Offset at = index_->posted();
  // Several chunks fit into the window: one grows while another is posted.
  window_ = std::make_unique<Window>(
      at, WindowOptions{.chunk_events = options_.chunk_events,
                        .chunk_bytes = std::min(limits::chunk_bytes, options_.window_bytes / 4),
                        .heads_max = options_.heads_cached,
                        .hash_seed = options_.hash_seed});
  while (at < head) {
    auto block = book_->block_at(at + 1);
    if (!block) return block.error();
    auto last = (*block)->event((*block)->last());
    if (!last) return last.error();
    last_recorded_ = last->recorded_at;
    const Offset after = at;
    at = (*block)->last();
    if (auto loaded = window_->load(std::move(*block), after); !loaded) return loaded.error();
    auto posted = post_next();  // A rebuild: only one chunk may wait in memory.
    if (!posted) return posted.error();
    if (*posted && options_.on_progress) options_.on_progress(index_->posted(), head);
  }
  if (head.value > 0 && last_recorded_ == Timestamp{}) {
    auto block = book_->block_at(head);
    if (!block) return block.error();
    auto last = (*block)->event(head);
    if (!last) return last.error();
    last_recorded_ = last->recorded_at;
  }
  written_.store(head.value);
  tail_.written = head;
  return {};
}

void Store::apply(std::span<Job* const> jobs) {
  if (!failure_) {
    Commit commit = book_->new_commit();
    for (Job* job : jobs) job->result = apply_one(*job, commit);
    if (auto written = write(commit); !written) failure_ = written.error();
  }
  if (failure_)
    for (Job* job : jobs) job->result = *failure_;
}

Result<void> Store::write(Commit& commit) {
  last_sync_time_ = {};
  if (!builder_.empty()) close_block(commit);
  if (commit.empty()) return {};
  const auto began = std::chrono::steady_clock::now();
  if (auto written = book_->write(commit, tail_.written); !written) return written.error();
  last_sync_time_ = std::chrono::steady_clock::now() - began;
  // Only now: a crash must never take back what a reader has seen.
  written_.store(tail_.written.value);
  groups_->publish();
  window_->commit(std::move(blocks_), tail_.written);
  blocks_.clear();
  tail_.pending.clear();
  return {};
}

Result<Applied> Store::apply_one(Job& job, Commit& commit) {
  const Evidence& evidence = job.evidence;
  if (const auto* append = std::get_if<Append>(&job.command))
    return apply_append(*append, evidence, commit);
  if (const auto* put = std::get_if<PutGroup>(&job.command)) {
    const bool at_head = std::holds_alternative<FromHead>(put->settings.start);
    return store_group(groups_->put(*put, at_head ? tail_.written : evidence.start), put->group,
                       commit);
  }
  if (const auto* move = std::get_if<CommitOffset>(&job.command))
    return store_group(groups_->commit(*move, tail_.written), move->group, commit);
  if (const auto* reset = std::get_if<ResetGroup>(&job.command)) {
    const bool at_head = std::holds_alternative<FromHead>(reset->to);
    return store_group(groups_->reset(*reset, at_head ? tail_.written : evidence.start),
                       reset->group, commit);
  }
  if (const auto* take = std::get_if<TakeGroup>(&job.command))
    return store_group(groups_->take(*take), take->group, commit);
  const auto& remove = std::get<DeleteGroup>(job.command);
  if (auto removed = groups_->remove(remove.group); !removed) return removed.error();
  commit.remove_group(remove.group);
  return Applied{};
}

Result<Applied> Store::apply_append(const Append& append, const Evidence& evidence,
                                    Commit& commit) {
  auto verdict = decide(append, evidence, *window_, tail_, *groups_);
  if (!verdict) return verdict.error();
  if (const auto* repeat = std::get_if<Repeat>(&*verdict))
    return apply_repeat(append, *repeat, commit);
  Applied applied;
  const Offset before = tail_.written;
  last_recorded_ = std::max(last_recorded_, append.stamped_at);
  applied.placed = place(append, evidence);
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    tail_.pending.push_back({&append, &append.events[i], applied.placed[i].offset});
    builder_.add(append, append.events[i], applied.placed[i]);
    if (builder_.bytes() >= limits::block_bytes_target) close_block(commit);
  }
  if (append.commit) {
    auto moved = store_group(groups_->commit(*append.commit, before), append.commit->group, commit);
    CHECK(moved.has_value());  // `decide` has checked it.
  }
  remember(append, before + 1, commit);
  return applied;
}

// What a repeat may still do: move a group's offset forward.
Result<Applied> Store::apply_repeat(const Append& append, const Repeat& repeat, Commit& commit) {
  if (append.commit && groups_->check(*append.commit, tail_.written)) {
    auto moved =
        store_group(groups_->commit(*append.commit, tail_.written), append.commit->group, commit);
    CHECK(moved.has_value());
  }
  Applied applied;
  applied.repeat = repeat;
  return applied;
}

std::vector<Placed> Store::place(const Append& append, const Evidence& evidence) {
  std::vector<Placed> placed(append.events.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i].offset = tail_.written + (i + 1);
    placed[i].recorded_at = last_recorded_;
    placed[i].batch_index = static_cast<std::uint32_t>(i);
    if (append.events[i].id.empty())
      placed[i].server_id = make_server_id(book_->log_id(), placed[i].offset, last_recorded_,
                                           append.events[i].randomness);
  }
  tail_.written = tail_.written + placed.size();
  window_->add(append, placed, evidence.heads);
  return placed;
}

void Store::remember(const Append& append, Offset first, Commit& commit) {
  if (!append.request_key) return;
  const RememberedRequest request{.body = append.request_key->body,
                                  .first = first,
                                  .count = static_cast<std::uint32_t>(append.events.size())};
  commit.remember(append.principal, append.request_key->key, request);
  if (tail_.requests.size() >= kRecentRequests)
    std::erase_if(tail_.requests,
                  [this](const auto& entry) { return entry.second.first + 1 < window_->first(); });
  tail_.requests[{append.principal, append.request_key->key}] = {first, request};
}

void Store::close_block(Commit& commit) {
  auto block = Block::trust(builder_.finish());
  commit.add_block(block->first(), block->encoded());
  blocks_.push_back(std::move(block));
}

Result<bool> Store::post_next() {
  const auto segment = window_->next_to_post(index_->posted());
  if (!segment) return false;
  if (auto posted = index_->post(*segment); !posted) return posted.error();
  const Offset upto = index_->posted();
  window_->posted(upto);
  return true;
}

Result<void> Store::post_all() {
  window_->seal();
  for (;;) {
    auto posted = post_next();
    if (!posted) return posted.error();
    if (!*posted) return {};
  }
}

}  // namespace daybook
