#include "storage/store.h"

#include <algorithm>
#include <filesystem>

namespace daybook {

namespace {

QueueTime this_moment() {
  return {.steady = std::chrono::steady_clock::now(), .wall = now()};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Options options) {
  auto store = open_early(std::move(options));
  while (store) {
    auto more = (*store)->recover_next();
    if (!more) return more.error();
    if (!*more) break;
  }
  return store;
}

Result<std::unique_ptr<Store>> Store::open_early(Options options) {
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
                          .new_log_id = how.new_log_id,
                          .started = how.started.value_or(this_moment())});
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
  store->groups_ =
      std::make_unique<Groups>(store->book_->groups_at_open(), store->book_->take_queues());
  store->begin_window();
  auto last_recorded = store->last_recorded();
  if (!last_recorded) return last_recorded.error();
  store->writer_ = std::make_unique<LogWriter>(*store->book_, *store->window_, *store->groups_,
                                               head, *last_recorded);
  store->reader_ = std::make_unique<Reader>(*store->book_, *store->index_, *store->window_);
  store->aggregates_ =
      std::make_unique<Aggregates>(*store->index_, *store->window_, *store->reader_);
  store->gatherer_ = std::make_unique<Gatherer>(*store->book_, *store->index_, *store->window_,
                                                *store->reader_, how.condition_postings);
  return store;
}

Store::~Store() = default;

void Store::begin_window() {
  const Offset head = book_->head_at_open();
  // Several chunks fit into the window: one grows while another is posted.
  window_ = std::make_unique<Window>(
      head, WindowOptions{.chunk_events = options_.chunk_events,
                          .chunk_bytes = std::min(limits::chunk_bytes, options_.window_bytes / 4),
                          .heads_max = options_.heads_cached,
                          .hash_seed = options_.hash_seed});
  begin_load();
}

// When the last event was recorded; nothing is recorded earlier from here on.
Result<Timestamp> Store::last_recorded() const {
  const Offset head = book_->head_at_open();
  if (head.value == 0) return Timestamp{};
  auto block = book_->block_at(head);
  if (!block) return block.error();
  auto last = (*block)->event(head);
  if (!last) return last.error();
  return last->recorded_at;
}

void Store::begin_load() {
  loaded_ = index_->posted();
  if (loaded_ < book_->head_at_open()) window_->begin_load(loaded_, book_->head_at_open());
}

Result<bool> Store::recover_next() {
  if (window_->is_whole()) return false;
  if (loaded_ < book_->head_at_open()) {
    auto block = book_->block_at(loaded_ + 1);
    if (!block) return block.error();
    const Offset after = loaded_;
    loaded_ = (*block)->last();
    if (auto loaded = window_->load(std::move(*block), after); !loaded) return loaded.error();
  }
  auto posted = post_next();  // In a rebuild only one chunk waits in memory.
  if (!posted && posted.error().code == Errc::corrupted && index_->why_rebuilt().empty()) {
    if (auto anew = index_->begin_anew(posted.error().detail); !anew) return anew.error();
    begin_load();
    return true;
  }
  if (!posted) return posted.error();
  if (*posted || loaded_ < book_->head_at_open()) return true;
  window_->end_load();
  return false;
}

void Store::apply(std::span<Job* const> jobs) {
  PendingCommit commit = writer_->begin();
  for (Job* job : jobs) writer_->decide(*job, commit);
  writer_->seal(commit);
  writer_->sync(commit);
  writer_->finish(commit);
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
  if (failed()) return *writer_->failure();  // The window may hold what never reached the disk.
  if (is_recovering()) return {};            // The next start goes on from what is posted.
  window_->seal();
  for (;;) {
    auto posted = post_next();
    if (!posted) return posted.error();
    if (!*posted) return {};
  }
}

}  // namespace daybook
