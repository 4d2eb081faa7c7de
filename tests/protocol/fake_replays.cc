#include "tests/protocol/fake_replays.h"

namespace daybook::testing {
namespace {

Error unknown() {
  return {Errc::not_found, "no such replay"};
}

}  // namespace

Awaitable<Result<DeadLetterPage>> FakeDeadLetters::list(List) {
  co_return unknown();
}

Awaitable<Result<DeadLetterPort::Changed>> FakeDeadLetters::retry(Change) {
  co_return unknown();
}

Awaitable<Result<DeadLetterPort::Changed>> FakeDeadLetters::discard(Change) {
  co_return unknown();
}

Awaitable<Result<ReplayInfo>> FakeReplays::create(Create) {
  co_return unknown();
}

Result<ReplayInfo> FakeReplays::find(const std::string&) const {
  return unknown();
}

Awaitable<Result<ReplayInfo>> FakeReplays::pause(std::string, bool) {
  co_return unknown();
}

Awaitable<Result<ReplayInfo>> FakeReplays::cancel(std::string) {
  co_return unknown();
}

Awaitable<Result<void>> FakeReplays::remove(std::string) {
  co_return unknown();
}

}  // namespace daybook::testing
