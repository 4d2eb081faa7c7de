#include "daemon/backend/store_aggregates.h"

namespace daybook {

Awaitable<Result<AggregateInfo>> StoreAggregates::find(std::string type, std::string id) {
  auto read = [this, &type, &id] { return store_.aggregates().find(type, id); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

Awaitable<Result<Page>> StoreAggregates::read(AggregateQuery query) {
  auto read = [this, &query] { return store_.aggregates().read(query); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

Awaitable<Result<AggregateList>> StoreAggregates::list(AggregateListQuery query) {
  auto read = [this, &query] { return store_.aggregates().list(query); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

}  // namespace daybook
