#include "daemon/backend/store_queues.h"

namespace daybook {

Awaitable<Result<Leased>> StoreQueues::fetch(Fetch fetch) {
  return dispatcher_.fetch(std::move(fetch));
}

Awaitable<Result<std::unique_ptr<QueueMember>>> StoreQueues::join(std::string queue,
                                                                  std::string member) {
  return dispatcher_.join(std::move(queue), std::move(member));
}

Awaitable<Result<std::vector<Offset>>> StoreQueues::take(std::string queue, QueueStep step) {
  auto done = co_await dispatcher_.take(std::move(queue), std::move(step));
  if (!done) co_return done.error();
  co_return std::move(done->refused);
}

}  // namespace daybook
