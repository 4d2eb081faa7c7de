#include "daemon/backend/store_log.h"

#include "daemon/threads/io_thread.h"
#include "daemon/threads/listeners.h"

namespace daybook {
namespace {

Receipt receipt_of_placed(const Append& append, const std::vector<Placed>& placed) {
  Receipt receipt;
  receipt.first_offset = placed.front().offset;
  receipt.last_offset = placed.back().offset;
  receipt.events.reserve(placed.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const EventId id{.text = append.events[i].id, .uuid = placed[i].server_id};
    receipt.events.push_back({.id = id.to_string(),
                              .offset = placed[i].offset,
                              .sequence = placed[i].sequence,
                              .recorded_at = placed[i].recorded_at});
  }
  return receipt;
}

Result<Evidence> gather_from_disk(const Store& store, const Command& command) {
  return store.gather(command, engine::Tier::disk);
}

}  // namespace

Awaitable<Result<void>> Writer::gather(Job& job, engine::Tier tier) {
  auto evidence = tier == engine::Tier::memory_only
                      ? store_.gather(job.command, tier)
                      : Result<Evidence>(Error{Errc::not_yet, "asks the disk"});
  if (!evidence && evidence.error().code == Errc::not_yet) {
    auto read = [this, &job] { return gather_from_disk(store_, job.command); };
    evidence = co_await on_read_thread(readers_, std::move(read));
  }
  if (!evidence) co_return evidence.error();
  job.evidence = std::move(*evidence);
  co_return Result<void>();
}

Awaitable<Result<Applied>> Writer::apply(Job& job) {
  constexpr int kTries = 10;
  engine::Tier tier = engine::Tier::memory_only;
  for (int i = 0; i < kTries; ++i) {
    auto gathered = co_await gather(job, tier);
    if (!gathered) co_return gathered.error();
    const bool queued = co_await committer_.submit(job);
    if (!queued) co_return Error{Errc::overloaded, "the commit queue is full: try again"};
    if (job.result || job.result.error().code != Errc::evidence_stale)
      co_return std::move(job.result);
    tier = engine::Tier::disk;
  }
  co_return Error{Errc::overloaded, "the log moves faster than this append's checks: try again"};
}

Awaitable<Result<Receipt>> StoreLog::append(Append append) {
  if (auto refused = refusal_()) co_return std::move(*refused);
  Job job{.command = std::move(append)};
  auto applied = co_await writer_.apply(job);
  if (!applied) co_return applied.error();
  if (const auto& ack = std::get<Append>(job.command).ack)
    dispatcher_.acked(ack->group, ack->leases.leases.size());
  if (applied->repeat) co_return co_await receipt_of(*applied->repeat);
  co_return receipt_of_placed(std::get<Append>(job.command), applied->placed);
}

// The receipt of an append that is in the log already.
Awaitable<Result<Receipt>> StoreLog::receipt_of(Repeat repeat) {
  Receipt receipt;
  receipt.first_offset = repeat.first;
  receipt.last_offset = repeat.first + (repeat.count - 1);
  receipt.replayed = true;
  Query query{.after = repeat.first - 1, .limit = repeat.count};
  while (receipt.events.size() < repeat.count) {
    query.limit = repeat.count - static_cast<std::uint32_t>(receipt.events.size());
    auto page = co_await read(query);
    if (!page) co_return page.error();
    for (const EventView& event : page->events)
      receipt.events.push_back({.id = event.id.to_string(),
                                .offset = event.offset,
                                .sequence = event.sequence,
                                .recorded_at = event.recorded_at});
    if (!page->next) break;
    query.after = *page->next;
  }
  co_return receipt;
}

Awaitable<Result<Page>> StoreLog::read(Query query) {
  auto page = store_.reader().read(query, engine::Tier::memory_only);
  if (page || page.error().code != Errc::not_yet) co_return page;
  auto read = [this, &query] { return store_.reader().read(query, engine::Tier::disk); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

Awaitable<Result<Page>> StoreLog::find(std::string id_space, std::string id) {
  auto page = store_.reader().find(id_space, id, engine::Tier::memory_only);
  if (page || page.error().code != Errc::not_yet) co_return page;
  auto read = [this, &id_space, &id] {
    return store_.reader().find(id_space, id, engine::Tier::disk);
  };
  co_return co_await on_read_thread(readers_, std::move(read));
}

Awaitable<Result<Page>> StoreLog::find(Offset offset) {
  auto page = store_.reader().find(offset, engine::Tier::memory_only);
  if (page || page.error().code != Errc::not_yet) co_return page;
  auto read = [this, offset] { return store_.reader().find(offset, engine::Tier::disk); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

std::unique_ptr<Interest> StoreLog::listen(Filter filter, std::function<void()> told) {
  return IoThread::current().listeners().listen(store_.window(), std::move(filter),
                                                std::move(told));
}

json::EventTexts& StoreLog::event_texts() {
  return IoThread::current().event_texts();
}

Awaitable<Result<Offset>> StoreLog::resolve(StartPoint point) {
  auto read = [this, &point] { return store_.reader().resolve(point); };
  if (!std::holds_alternative<Timestamp>(point)) co_return read();
  co_return co_await on_read_thread(readers_, std::move(read));
}

}  // namespace daybook
