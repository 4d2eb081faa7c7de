// A log in memory behind the backend port, for tests of handlers and sessions. It keeps the rules
// that a protocol can see (gapless offsets, expected sequences, one active member per group) and
// nothing else. One thread; pages point into it, so it must outlive them.
#pragma once

#include <deque>
#include <map>

#include "protocol/backend.h"
#include "tests/protocol/fake_projections.h"
#include "tests/protocol/fake_queues.h"
#include "tests/protocol/fake_replays.h"

namespace daybook::testing {

struct StoredEvent {
  Offset offset;
  Sequence sequence;
  std::string id;  // empty: server-made, from the offset
  std::string aggregate_type = "order";
  std::string aggregate_id = "o-1";
  std::string event_type = "order.placed";
  std::string schema_version = "1";
  std::string correlation_id;
  std::string causation_id;
  std::string payload = "{}";
  std::string metadata = "{}";
  std::vector<std::string> tags;
  Timestamp occurred_at;
  Timestamp recorded_at;

  EventView view() const;
};

class FakeLog final : public LogPort {
 public:
  // Appends without any check; offset, sequence and times are filled in where they are 0.
  Offset add(StoredEvent event);
  void add_many(std::size_t count, const StoredEvent& like = {});
  const std::deque<StoredEvent>& events() const { return events_; }
  // What the next call of `append` or `read` answers instead of its own result.
  void fail_next(Error error) { failure_ = std::move(error); }
  // Everything lower is answered as `trimmed`.
  void set_floor(Offset floor) { floor_ = floor; }
  // Closes what listens, as a daemon that stops does.
  void stop();
  // The largest page that `read` answers, whatever the limit.
  void set_page_max(std::uint32_t events) { page_max_ = events; }
  // The last command of `append`: what the protocol made of a request.
  const Append* last_append() const { return last_append_ ? &*last_append_ : nullptr; }
  std::size_t reads() const { return reads_; }
  std::size_t listeners() const { return interests_.size(); }

  Offset head() const override { return {events_.size()}; }
  Awaitable<Result<Receipt>> append(Append append) override;
  Awaitable<Result<Page>> read(Query query) override;
  Awaitable<Result<Page>> find(std::string id_space, std::string id) override;
  Awaitable<Result<Page>> find(Offset offset) override;
  std::unique_ptr<Interest> listen(Filter filter, std::function<void()> told) override;
  json::EventTexts& event_texts() override { return event_texts_; }
  Awaitable<Result<Offset>> resolve(StartPoint point) override;

 private:
  std::optional<Error> refusal(const Append& append) const;
  std::optional<Receipt> replay(const Append& append) const;
  Page page_of(const StoredEvent& event) const;

  std::deque<StoredEvent> events_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> sequences_;
  std::map<std::string, Receipt> keys_;
  std::optional<Append> last_append_;
  std::optional<Error> failure_;
  std::size_t reads_ = 0;
  Interests interests_;
  json::EventTexts event_texts_;
  Offset floor_{1};
  std::uint32_t page_max_ = 10'000;
};

class FakeAggregates final : public AggregatePort {
 public:
  explicit FakeAggregates(FakeLog& log) : log_(log) {}
  Awaitable<Result<AggregateInfo>> find(std::string type, std::string id) override;
  Awaitable<Result<Page>> read(AggregateQuery query) override;
  Awaitable<Result<AggregateList>> list(AggregateListQuery query) override;

 private:
  FakeLog& log_;
};

class FakeGroups final : public GroupPort, public MemberPort {
 public:
  explicit FakeGroups(FakeLog& log) : log_(log) {}
  Awaitable<Result<Put>> put(PutGroup put) override;
  Awaitable<Result<GroupInfo>> find(std::string group) override;
  std::optional<GroupMode> mode(const std::string& group) const override;
  std::vector<GroupInfo> list() const override;
  Awaitable<Result<void>> remove(std::string group) override;
  Awaitable<Result<Offset>> commit(CommitOffset commit) override;
  Awaitable<Result<Offset>> reset(ResetGroup reset) override;
  Awaitable<Result<GroupInfo>> pause(PauseGroup pause) override;
  Awaitable<Result<Joined>> join(std::string group, std::string member) override;
  Result<void> heartbeat(const std::string& group, const std::string& member) override;
  Result<void> leave(const std::string& group, const std::string& member) override;

  const GroupRow* row(const std::string& group) const;  // null: there is no such group

 private:
  GroupInfo info(const std::string& name, const GroupRow& row) const;

  FakeLog& log_;
  std::map<std::string, GroupRow> rows_;
};

class FakeOperations final : public OperationPort {
 public:
  explicit FakeOperations(FakeLog& log) : log_(log) {}
  StatusInfo status() const override;
  std::string not_ready_because() const override { return not_ready; }
  std::string metrics() const override { return "# TYPE daybook_append_events_total counter\n"; }

  std::string not_ready;

 private:
  FakeLog& log_;
};

struct FakeBackend {
  FakeLog log;
  FakeAggregates aggregates{log};
  FakeGroups groups{log};
  FakeQueues queues{log, groups};
  FakeReplays replays{log, groups};
  FakeDeadLetters dead_letters{groups, replays};
  FakeProjections projections;
  FakeOperations operations{log};
  Backend port = with(log);
  // The same with another log.
  Backend with(LogPort& other) {
    return {other,        aggregates, groups,      groups,    queues,
            dead_letters, replays,    projections, operations};
  }
};

}  // namespace daybook::testing
