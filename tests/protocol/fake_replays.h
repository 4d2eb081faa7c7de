// Dead letters and replays in memory behind their ports, for tests of handlers. They keep what a
// protocol can see; nothing is delivered. One thread.
#pragma once

#include <map>

#include "protocol/backend.h"

namespace daybook::testing {

class FakeGroups;
class FakeLog;

class FakeReplays final : public ReplayPort {
 public:
  FakeReplays(FakeLog& log, FakeGroups& groups) : log_(log), groups_(groups) {}
  // One that was created: the first has the id "replay-1".
  ReplayInfo& at(const std::string& id) { return replays_.at(id); }

  // One that is delivered to the members of the group.
  void add(const std::string& id, const std::string& group);

  Awaitable<Result<ReplayInfo>> create(Create create) override;
  Result<ReplayInfo> find(const std::string& id) const override;
  std::vector<ReplayInfo> list() const override;
  Awaitable<Result<ReplayInfo>> pause(std::string id, bool paused) override;
  Awaitable<Result<ReplayInfo>> cancel(std::string id) override;
  Awaitable<Result<void>> remove(std::string id) override;

 private:
  FakeLog& log_;
  FakeGroups& groups_;
  std::map<std::string, ReplayInfo> replays_;
  int created_ = 0;
};

class FakeDeadLetters final : public DeadLetterPort {
 public:
  FakeDeadLetters(FakeGroups& groups, FakeReplays& replays) : groups_(groups), replays_(replays) {}
  // `event` must outlive it.
  void bury(const std::string& queue, const EventView& event, DeadLetterPage::Facts facts);
  // How many one command takes: the rest comes with the next.
  void set_step(std::size_t letters) { step_ = letters; }

  Awaitable<Result<DeadLetterPage>> list(List list) override;
  Awaitable<Result<Changed>> retry(Change change) override;
  Awaitable<Result<Changed>> discard(Change change) override;

 private:
  struct Letter {
    EventView event;
    DeadLetterPage::Facts facts;
  };
  using Letters = std::map<Offset, Letter>;

  // That it is a queue.
  Awaitable<Result<void>> check(std::string queue);
  // Does `settle` to those that the change is about and that are not being retried.
  template <class Settle>
  Changed apply(const Change& change, Settle settle);

  FakeGroups& groups_;
  FakeReplays& replays_;
  std::map<std::string, Letters> letters_;
  std::size_t step_ = 1000;
};

}  // namespace daybook::testing
