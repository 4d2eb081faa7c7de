#include "tests/protocol/fake_queues.h"

namespace daybook::testing {

Awaitable<Result<Leased>> FakeQueues::fetch(Fetch) {
  co_return Error{Errc::unknown_group, "no such group"};
}

Awaitable<Result<std::unique_ptr<QueueMember>>> FakeQueues::join(std::string, std::string) {
  co_return Error{Errc::unknown_group, "no such group"};
}

Awaitable<Result<std::vector<Offset>>> FakeQueues::take(std::string, QueueStep) {
  co_return Error{Errc::unknown_group, "no such group"};
}

}  // namespace daybook::testing
