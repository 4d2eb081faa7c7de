// The port between protocols and whatever keeps the log: handlers know these few calls and nothing
// else. The daemon implements it over the store (daemon/backend); tests over a plain model.
//
// Every call may be made from any io thread and resumes on the caller's executor. None blocks.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/json/event_texts.h"
#include "storage/base/result.h"
#include "storage/model/command.h"
#include "storage/model/dead_letter.h"
#include "storage/model/group.h"
#include "storage/model/interests.h"
#include "storage/model/projection.h"
#include "storage/model/query.h"
#include "storage/model/queue.h"

namespace daybook {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// A place in the past that a client may name; the head and times need the log to resolve them.
using StartPoint = GroupStart;

class LogPort {
 public:
  virtual ~LogPort() = default;
  // The committed head: no reader is shown anything above it.
  virtual Offset head() const = 0;
  // Takes a sealed append (protocol/stamp.h). Resumes once the events are on disk. Fails with the
  // codes that protocol/HTTP.md lists.
  virtual Awaitable<Result<Receipt>> append(Append append) = 0;
  virtual Awaitable<Result<Page>> read(Query query) = 0;
  // A page of one event, or not_found; an offset below the floor is `trimmed`.
  virtual Awaitable<Result<Page>> find(std::string id_space, std::string id) = 0;
  virtual Awaitable<Result<Page>> find(Offset offset) = 0;
  // `told` is called on the caller's thread when something was committed that the filter matches,
  // now and then when nothing was, and when the daemon stops: the interest is closed then.
  virtual std::unique_ptr<Interest> listen(Filter filter, std::function<void()> told) = 0;
  // What live readers of the caller's thread were sent.
  virtual json::EventTexts& event_texts() = 0;
  // The last offset before the point: what `after` has to be to start there.
  virtual Awaitable<Result<Offset>> resolve(StartPoint point) = 0;
};

class AggregatePort {
 public:
  virtual ~AggregatePort() = default;
  virtual Awaitable<Result<AggregateInfo>> find(std::string type, std::string id) = 0;
  // `Page::next` and `examined` are unused: pages of one aggregate go by sequence.
  virtual Awaitable<Result<Page>> read(AggregateQuery query) = 0;
  virtual Awaitable<Result<AggregateList>> list(AggregateListQuery query) = 0;
};

class GroupPort {
 public:
  virtual ~GroupPort() = default;
  struct Put {
    GroupInfo group;
    bool created = false;
  };
  virtual Awaitable<Result<Put>> put(PutGroup put) = 0;
  virtual Awaitable<Result<GroupInfo>> find(std::string group) = 0;
  // From memory; nullopt where there is no such group.
  virtual std::optional<GroupMode> mode(const std::string& group) const = 0;
  virtual std::vector<GroupInfo> list() const = 0;
  virtual Awaitable<Result<void>> remove(std::string group) = 0;
  // Returns the committed offset.
  virtual Awaitable<Result<Offset>> commit(CommitOffset commit) = 0;
  virtual Awaitable<Result<Offset>> reset(ResetGroup reset) = 0;
  // Of a queue; `wrong_mode` for others.
  virtual Awaitable<Result<GroupInfo>> pause(PauseGroup pause) = 0;
};

// Members of groups live in memory; who is active, and its generation, is durable.
class MemberPort {
 public:
  virtual ~MemberPort() = default;
  struct Joined {
    std::uint64_t generation = 0;
    Offset committed;
    Filter filter;
    std::chrono::milliseconds timeout{};
  };
  // Makes `member` the active one, or keeps it so: also the heartbeat of a member that reads.
  // `standby` while another one is active; it is then known as standing by.
  virtual Awaitable<Result<Joined>> join(std::string group, std::string member) = 0;
  // `not_found` where no such member is known.
  virtual Result<void> heartbeat(const std::string& group, const std::string& member) = 0;
  virtual Result<void> leave(const std::string& group, const std::string& member) = 0;
};

// Events leased to a member.
struct Leased {
  struct Tag {
    Attempt attempt = 0;
    std::string replay_id;  // empty: of the group itself
  };
  Page page;              // `next` and `examined` are unused
  std::vector<Tag> tags;  // one for each event
};

// A member whose connection says when it is gone. To destroy it is to lose it: its leases fail and
// are delivered again. Of one thread.
class QueueMember {
 public:
  virtual ~QueueMember() = default;
  // Resumes with events as soon as there are some, `max` at most; with none after `wake` or when
  // the daemon stops. One call at a time. `unknown_group` once the group was deleted; a replay that
  // is over gives `not_found`.
  virtual Awaitable<Result<Leased>> next(std::uint32_t max) = 0;
  // A `next` that waits resumes.
  virtual void wake() = 0;
  // Says goodbye: what it holds is delivered to others at once, and that is no failure.
  virtual void leave() = 0;
};

// Groups in queue mode. A queue is a group, or a replay by its `replay_name`.
class QueuePort {
 public:
  virtual ~QueuePort() = default;
  struct Fetch {
    std::string queue;
    std::string member;
    std::uint32_t max = 100;
    std::chrono::milliseconds wait{1000};
  };
  // Without a connection: a member as long as it asks, acks or sends a heartbeat within the ack
  // timeout. Empty where nothing came within `wait`. `wrong_mode` for a group in log mode.
  virtual Awaitable<Result<Leased>> fetch(Fetch fetch) = 0;
  virtual Awaitable<Result<std::unique_ptr<QueueMember>>> join(std::string queue,
                                                               std::string member) = 0;
  // AckLeases, NackLeases or ExtendLeases. Resumes once it is on disk, with the offsets that were
  // refused because their lease has expired.
  virtual Awaitable<Result<std::vector<Offset>>> take(std::string queue, QueueStep step) = 0;
};

// Where there is no such queue: `unknown_group`, or `not_found` for a replay.
class DeadLetterPort {
 public:
  virtual ~DeadLetterPort() = default;
  struct List {
    std::string queue;
    Filter filter;
    Offset after;
    std::uint32_t limit = 100;  // at most limits::dead_letters_page_max
  };
  virtual Awaitable<Result<DeadLetterPage>> list(List list) = 0;
  using Change = DeadLetterChange;
  using Changed = DeadLettersChanged;
  virtual Awaitable<Result<Changed>> retry(Change change) = 0;
  virtual Awaitable<Result<Changed>> discard(Change change) = 0;
};

class ReplayPort {
 public:
  virtual ~ReplayPort() = default;
  using Create = ReplayRequest;
  virtual Awaitable<Result<ReplayInfo>> create(Create create) = 0;
  // `not_found` where there is none, here and below.
  virtual Result<ReplayInfo> find(const std::string& id) const = 0;
  virtual std::vector<ReplayInfo> list() const = 0;
  virtual Awaitable<Result<ReplayInfo>> pause(std::string id, bool paused) = 0;
  virtual Awaitable<Result<ReplayInfo>> cancel(std::string id) = 0;
  virtual Awaitable<Result<void>> remove(std::string id) = 0;
};

// What is posted elsewhere: to PostgreSQL and Redis. `not_found` where there is no such projection.
class ProjectionPort {
 public:
  virtual ~ProjectionPort() = default;
  virtual std::vector<ProjectionInfo> list() const = 0;
  virtual Awaitable<Result<ProjectionInfo>> find(std::string name) = 0;
  // Resumes once everything up to the offset is posted, or with `not_yet` once `wait` is over.
  virtual Awaitable<Result<void>> reach(std::string name, Offset offset,
                                        std::chrono::milliseconds wait) = 0;
  // Begins to build the next generation, or finds that it is being built. `wrong_mode` for Redis,
  // which has none.
  virtual Awaitable<Result<ProjectionInfo>> rebuild(std::string name) = 0;
  virtual Awaitable<Result<ProjectionInfo>> pause(std::string name, bool paused) = 0;
  struct ListFailures {
    std::string name;
    Offset after;
    std::uint32_t limit = 100;
  };
  // These ask PostgreSQL: io_failed where it does not answer, `wrong_mode` for Redis.
  virtual Awaitable<Result<ProjectionFailures>> failures(ListFailures list) = 0;
  // All of them where `offsets` is empty.
  virtual Awaitable<Result<ProjectionRetried>> retry(std::string name,
                                                     std::vector<Offset> offsets) = 0;
  struct Put {
    ProjectionInfo projection;
    bool created = false;
  };
  // Declares a read model, or changes one: JSON text as docs/read-models.md has it. `group_exists`
  // where the name is that of a projection in the configuration.
  virtual Awaitable<Result<Put>> put(std::string name, std::string definition) = 0;
  // Drops a declared read model and its table. `wrong_mode` for what the configuration declares.
  virtual Awaitable<Result<void>> remove(std::string name) = 0;
};

struct StatusInfo {
  std::string version;
  std::string log_id;  // UUID
  Offset head;         // committed
  Offset written;      // on this node's disk
  Offset floor;        // the first offset that is kept
  Offset indexed;      // the index is posted up to here; the window answers for the rest
  std::uint64_t book_bytes = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t window_bytes = 0;
  double uptime_seconds = 0;
};

class OperationPort {
 public:
  virtual ~OperationPort() = default;
  virtual StatusInfo status() const = 0;
  // Empty when ready; else why not, for a person.
  virtual std::string not_ready_because() const = 0;
  // Prometheus text format 0.0.4.
  virtual std::string metrics() const = 0;
};

struct Backend {
  LogPort& log;
  AggregatePort& aggregates;
  GroupPort& groups;
  MemberPort& members;
  QueuePort& queues;
  DeadLetterPort& dead_letters;
  ReplayPort& replays;
  ProjectionPort& projections;
  OperationPort& operations;
};

}  // namespace daybook
