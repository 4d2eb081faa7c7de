#include "daemon/backend/store_queues.h"

namespace daybook {
namespace {

Error unsupported() {
  return {Errc::unsupported, "queues are not there yet"};
}

}  // namespace

Awaitable<Result<Leased>> StoreQueues::fetch(Fetch) {
  co_return unsupported();
}
Awaitable<Result<std::unique_ptr<QueueMember>>> StoreQueues::join(std::string, std::string) {
  co_return unsupported();
}
Awaitable<Result<std::vector<Offset>>> StoreQueues::take(std::string, QueueStep) {
  co_return unsupported();
}
Awaitable<Result<DeadLetterPage>> StoreQueues::list(List) {
  co_return unsupported();
}
Awaitable<Result<DeadLetterPort::Changed>> StoreQueues::retry(Change) {
  co_return unsupported();
}
Awaitable<Result<DeadLetterPort::Changed>> StoreQueues::discard(Change) {
  co_return unsupported();
}
Awaitable<Result<ReplayInfo>> StoreQueues::create(Create) {
  co_return unsupported();
}
Result<ReplayInfo> StoreQueues::find(const std::string&) const {
  return unsupported();
}
Awaitable<Result<ReplayInfo>> StoreQueues::pause(std::string, bool) {
  co_return unsupported();
}
Awaitable<Result<ReplayInfo>> StoreQueues::cancel(std::string) {
  co_return unsupported();
}
Awaitable<Result<void>> StoreQueues::remove(std::string) {
  co_return unsupported();
}

}  // namespace daybook
