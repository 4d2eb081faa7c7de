#include "replication/postgres/retry.h"

#include "replication/postgres/failures.h"
#include "replication/postgres/transaction.h"

namespace daybook::postgres {

using boost::asio::awaitable;

awaitable<Result<void>> Retry::run_all() {
  constexpr std::uint32_t kAtOnce = 100;
  for (Offset after;;) {
    const SqlResult<std::vector<ProjectionFailure>> failures =
        co_await read_failures(connection_, projection_, shown_.generation, after, kAtOnce);
    if (!failures) co_return to_error(failures.error());
    if (failures->empty()) co_return Result<void>();
    std::vector<Offset> offsets;
    for (const ProjectionFailure& failure : *failures) offsets.push_back(failure.offset);
    after = offsets.back();
    const Result<void> ran = co_await run(std::move(offsets));
    if (!ran) co_return ran.error();
  }
}

awaitable<Result<void>> Retry::run(std::vector<Offset> offsets) {
  for (const Offset offset : offsets) {
    const Result<void> ran = co_await run_one(offset);
    if (!ran) co_return ran.error();
  }
  co_return Result<void>();
}

awaitable<Result<void>> Retry::run_one(Offset offset) {
  Query query{.after = offset - 1, .limit = 1, .skip_trimmed = true};
  Result<Page> page = co_await feed_.read(std::move(query));
  if (!page) co_return page.error();
  if (page->events.empty() || page->events.front().offset != offset) {
    std::string reason = "the log does not hold the event any more";
    co_return co_await fails_again(offset, std::move(reason));
  }
  if (std::string reason = tables_.refusal(page->events.front()); !reason.empty())
    co_return co_await fails_again(offset, std::move(reason));
  awaitable<SqlResult<bool>> body = post(*std::move(page));
  const SqlResult<bool> posted = co_await in_transaction(connection_, std::move(body));
  if (!posted && posted.error().blames_rows()) {
    std::string reason = posted.error().text;
    co_return co_await fails_again(offset, std::move(reason));
  }
  if (!posted) co_return to_error(posted.error());
  if (is_replaced_)
    co_return Error{Errc::fenced,
                    "a rebuild was swapped in meanwhile, and has failures of its own"};
  if (*posted) ++retried_.posted;
  co_return Result<void>();
}

// Locks in the order in which a page is posted, the checkpoint last, so that the two never wait for
// each other.
awaitable<SqlResult<bool>> Retry::post(Page page) {
  const Offset offset = page.events.front().offset;
  const SqlResult<bool> deleted =
      co_await delete_failure(connection_, projection_, shown_.generation, offset);
  if (!deleted || !*deleted) co_return deleted;
  const TableSet::Batch batch{.events = page.events};
  const SqlResult<void> written = co_await tables_.write(connection_, shown_.generation, batch);
  if (!written) co_return written.error();
  const SqlResult<std::optional<Checkpoint>> row =
      co_await lock_checkpoint(connection_, projection_);
  if (!row) co_return row.error();
  is_replaced_ = !*row || (*row)->generation != shown_.generation;
  co_return !is_replaced_;
}

awaitable<Result<void>> Retry::fails_again(Offset offset, std::string reason) {
  const SqlResult<bool> renewed = co_await renew_failure(
      connection_, projection_, shown_.generation, offset, std::move(reason));
  if (!renewed) co_return to_error(renewed.error());
  if (*renewed) ++retried_.failed;
  co_return Result<void>();
}

}  // namespace daybook::postgres
