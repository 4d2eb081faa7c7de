#include "replication/postgres/page_writer.h"

#include <span>

#include "replication/postgres/failures.h"
#include "replication/postgres/transaction.h"

namespace daybook::postgres {

using boost::asio::awaitable;

awaitable<SqlResult<bool>> PageWriter::write() {
  for (std::size_t i = 0; i < page_.events.size(); ++i)
    if (std::string reason = target_.tables.refusal(page_.events[i]); !reason.empty())
      blamed_[i].reason = std::move(reason);
  std::vector<Part> parts{{0, page_.events.size()}};  // what is left, the first of it last
  while (!parts.empty()) {
    const Part part = parts.back();
    parts.pop_back();
    awaitable<SqlResult<bool>> body = post(part);
    const SqlResult<bool> posted = co_await in_transaction(target_.connection, std::move(body));
    if (posted && !*posted) co_return false;
    if (posted) continue;
    if (!posted.error().blames_rows()) co_return posted.error();
    if (part.end - part.begin > 1) {
      const std::size_t middle = part.begin + (part.end - part.begin) / 2;
      parts.push_back({middle, part.end});
      parts.push_back({part.begin, middle});
    } else if (part.begin < part.end && blame(part.begin, posted.error().text)) {
      parts.push_back(part);
    } else {
      co_return posted.error();
    }
  }
  co_return true;
}

// False: it was blamed for everything that there is already.
bool PageWriter::blame(std::size_t index, const std::string& reason) {
  const auto [blamed, is_new] = blamed_.try_emplace(index, Blamed{reason, false});
  if (is_new) return true;
  return !std::exchange(blamed->second.apart, true);
}

awaitable<SqlResult<bool>> PageWriter::post(Part part) {
  TableSet::Batch batch;
  batch.events = std::span(page_.events).subspan(part.begin, part.end - part.begin);
  std::vector<EventView> good;
  std::vector<EventView> refused;
  std::vector<ProjectionFailure> failures;
  auto next = blamed_.lower_bound(part.begin);
  if (next != blamed_.lower_bound(part.end)) {
    for (std::size_t i = part.begin; i < part.end; ++i) {
      const EventView& event = page_.events[i];
      if (next == blamed_.end() || next->first != i) {
        good.push_back(event);
        continue;
      }
      failures.push_back(make_failure(event, next->second.reason));
      if (!next->second.apart) refused.push_back(event);
      ++next;
    }
    batch = {.events = good, .refused = refused};
  }
  if (!batch.events.empty() || !batch.refused.empty()) {
    const SqlResult<void> written =
        co_await target_.tables.write(target_.connection, target_.generation, batch);
    if (!written) co_return written.error();
  }
  if (!failures.empty()) {
    const SqlResult<void> recorded = co_await record_failures(
        target_.connection, target_.projection, target_.generation, std::move(failures));
    if (!recorded) co_return recorded.error();
  }
  const Offset to =
      part.end == page_.events.size() ? page_.examined : page_.events[part.end - 1].offset;
  co_return co_await move_checkpoint(target_.connection, target_.row, target_.epoch, to);
}

}  // namespace daybook::postgres
