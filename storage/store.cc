#include "storage/store.h"

#include <algorithm>
#include <filesystem>

namespace daybook {

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
    const Offset after = at;
    at = (*block)->last();
    if (auto loaded = window_->load(std::move(*block), after); !loaded) return loaded.error();
    auto posted = post_next();  // A rebuild: only one chunk may wait in memory.
    if (!posted) return posted.error();
    if (*posted && options_.on_progress) options_.on_progress(index_->posted(), head);
  }
  return {};
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
  if (failure_) return *failure_;  // The window may hold what never reached the disk.
  window_->seal();
  for (;;) {
    auto posted = post_next();
    if (!posted) return posted.error();
    if (!*posted) return {};
  }
}

}  // namespace daybook
