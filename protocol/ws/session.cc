// The hearing half of a connection: one operation a frame.
#include "protocol/ws/session.h"

#include <xxhash.h>

#include <utility>

#include "protocol/stamp.h"
#include "protocol/ws/bounds.h"
#include "protocol/ws/frames.h"

namespace daybook::ws {
namespace {

// GCC 12 destroys the temporaries of a conditional expression inside `co_await` twice: frames are
// made first, then awaited.

constexpr std::size_t kCommitBytes = 512;

Digest digest_of(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {.low = hash.low64, .high = hash.high64};
}

}  // namespace

class Session::Flight {
 public:
  Flight(Session& session, std::size_t bytes) : session_(&session), bytes_(bytes) {
    ++session.in_flight_;
    session.in_flight_bytes_ += bytes;
  }
  Flight(Flight&& other) noexcept
      : session_(std::exchange(other.session_, nullptr)), bytes_(other.bytes_) {}
  Flight& operator=(Flight&&) = delete;
  ~Flight() {
    if (session_ != nullptr) session_->landed(bytes_);
  }

 private:
  Session* session_;
  std::size_t bytes_;
};

Session::Session(Backend& backend, const SessionSettings& settings, TaskOwner& tasks,
                 const boost::asio::any_io_executor& strand)
    : backend_(backend),
      settings_(settings),
      tasks_(tasks),
      outbox_(strand),
      delivery_(backend, outbox_, strand),
      queues_(backend, outbox_, tasks, strand),
      landed_(strand) {
  outbox_.on_room([this] {
    delivery_.room();
    queues_.room();
  });
  outbox_.put(welcome_frame({.version = settings_.version,
                             .head = backend.log.head(),
                             .limits = settings_.limits,
                             .ping = settings_.ping}));
}

Awaitable<void> Session::heard(std::string text) {
  if (closing_) co_return;
  json::ClientFrame frame = json::read_frame(text, settings_.limits);
  if (!frame.op) co_return co_await answer_with(error_frame(frame.ref, frame.op.error()));
  co_await dispatch(std::move(frame));
}

Awaitable<void> Session::dispatch(json::ClientFrame frame) {
  json::ClientOp& op = *frame.op;
  std::string& ref = frame.ref;
  if (auto* append = std::get_if<json::AppendFrame>(&op))
    co_await hear_append(std::move(*append), std::move(ref));
  else if (auto* subscribe = std::get_if<json::SubscribeFrame>(&op))
    co_await hear_subscribe(std::move(*subscribe), std::move(ref));
  else if (const auto* credit = std::get_if<json::CreditFrame>(&op))
    co_await answer(std::move(ref), this->credit(*credit));
  else if (auto* commit = std::get_if<json::CommitFrame>(&op))
    co_await hear_commit(std::move(*commit), std::move(ref));
  else if (auto* leases = std::get_if<json::LeasesFrame>(&op))
    co_await hear_leases(std::move(*leases), std::move(ref));
  else if (auto* unsubscribe = std::get_if<json::UnsubscribeFrame>(&op))
    co_await hear_unsubscribe(std::move(*unsubscribe), std::move(ref));
  else
    co_await answer_with(pong_frame(ref));
}

// What was done is told only to who asked with a `ref`; what failed always.
Awaitable<void> Session::answer(std::string ref, Result<void> done) {
  if (done && ref.empty()) co_return;
  std::string frame = done ? ok_frame(ref) : error_frame(ref, done.error());
  co_await answer_with(std::move(frame));
}

Awaitable<void> Session::answer_with(std::string frame) {
  const bool taken = co_await outbox_.push(std::move(frame));
  static_cast<void>(taken);  // Not taken: the connection is over, nobody waits for it.
}

Awaitable<void> Session::hear_subscribe(json::SubscribeFrame frame, std::string ref) {
  if (auto refused = refusal(frame)) co_return co_await answer_with(error_frame(ref, *refused));
  const bool of_queue =
      !frame.replay.empty() || backend_.groups.mode(frame.group) == GroupMode::queue;
  Result<void> begun;
  if (of_queue)
    begun = co_await queues_.subscribe(std::move(frame), ref);
  else
    begun = co_await delivery_.subscribe(std::move(frame), ref);
  if (!begun) co_await answer_with(error_frame(ref, begun.error()));
}

std::optional<Error> Session::refusal(const json::SubscribeFrame& frame) {
  if (delivery_.size() + queues_.size() >= subscriptions_max)
    return Error{Errc::limit_exceeded, "a connection has at most " +
                                           std::to_string(subscriptions_max) + " subscriptions"};
  if (delivery_.has(frame.sub) || queues_.find(frame.sub))
    return Error{Errc::bad_value, "this connection has a subscription " + frame.sub + " already",
                 "/sub"};
  return std::nullopt;
}

Result<void> Session::credit(const json::CreditFrame& frame) {
  const auto queue = queues_.find(frame.sub);
  if (!queue) return delivery_.credit(frame.sub, frame.n);
  queue->credit(frame.n);
  return {};
}

Awaitable<void> Session::hear_unsubscribe(json::UnsubscribeFrame frame, std::string ref) {
  const auto queue = queues_.find(frame.sub);
  Result<void> done;
  if (queue) {
    queue->end(QueueSubscription::End::left);
    co_await queue->gone();  // The same member may come back at once.
  } else {
    done = delivery_.unsubscribe(frame.sub);
  }
  co_await answer(std::move(ref), std::move(done));
}

Awaitable<void> Session::room_in_flight(std::size_t bytes) {
  while (!closing_ && in_flight_ > 0 &&
         (in_flight_ >= appends_in_flight_max ||
          in_flight_bytes_ + bytes > appends_in_flight_bytes_max))
    co_await landed_.wait();
}

Awaitable<void> Session::hear_append(json::AppendFrame frame, std::string ref) {
  stamp(frame.append);
  if (!frame.idempotency_key.empty())
    frame.append.request_key =
        RequestKey{std::move(frame.idempotency_key), digest_of(frame.keyed_text)};
  const std::size_t bytes = frame.append.bytes();
  co_await room_in_flight(bytes);
  if (closing_) co_return;
  tasks_.spawn("ws_append", append(std::move(frame.append), std::move(ref), Flight(*this, bytes)));
}

Awaitable<void> Session::append(Append append, std::string ref, Flight flight) {
  const Result<Receipt> receipt = co_await backend_.log.append(std::move(append));
  std::string frame = receipt ? appended_frame(ref, *receipt) : error_frame(ref, receipt.error());
  co_await answer_with(std::move(frame));
  static_cast<void>(flight);  // Lands when the answer is queued.
}

Awaitable<void> Session::hear_commit(json::CommitFrame frame, std::string ref) {
  co_await room_in_flight(kCommitBytes);
  if (closing_) co_return;
  tasks_.spawn("ws_commit",
               commit(std::move(frame.commit), std::move(ref), Flight(*this, kCommitBytes)));
}

Awaitable<void> Session::commit(CommitOffset commit, std::string ref, Flight flight) {
  const std::string group = commit.group;
  const Result<Offset> committed = co_await backend_.groups.commit(std::move(commit));
  std::string frame =
      committed ? committed_frame(ref, group, *committed) : error_frame(ref, committed.error());
  co_await answer_with(std::move(frame));
  static_cast<void>(flight);
}

struct Session::LeaseChange {
  std::string queue;
  QueueStep asked;
  QueueSubscription::Step step;
};

Awaitable<void> Session::hear_leases(json::LeasesFrame frame, std::string ref) {
  auto subscription = queues_.find(frame.sub);
  if (!subscription) {
    const Error none(Errc::not_found, "no queue is subscribed to as " + frame.sub, "/sub");
    co_return co_await answer_with(error_frame(ref, none));
  }
  json::LeaseRequest& request = frame.request;
  Result<std::string> queue = queues_.queue_of(*subscription, request.replay_id);
  if (!queue) co_return co_await answer_with(error_frame(ref, queue.error()));
  QueueSubscription::Step step(std::move(subscription));
  const std::size_t bytes = kCommitBytes + request.said.leases.size() * sizeof(LeaseName);
  co_await room_in_flight(bytes);
  if (closing_) co_return;
  request.said.member = step.place().member;
  LeaseChange change{std::move(*queue), json::step_of(std::move(request)), std::move(step)};
  tasks_.spawn("ws_leases", change_leases(std::move(change), std::move(ref), Flight(*this, bytes)));
}

Awaitable<void> Session::change_leases(LeaseChange change, std::string ref, Flight flight) {
  const json::SubId sub = change.step.place().sub;
  const Result<std::vector<Offset>> refused =
      co_await backend_.queues.take(std::move(change.queue), std::move(change.asked));
  change.step.land();
  if (refused && refused->empty() && ref.empty()) co_return;
  std::string frame;
  if (!refused)
    frame = error_frame(ref, refused.error());
  else
    frame = ref.empty() ? lease_expired_frame(sub, *refused) : ok_frame(ref, *refused);
  co_await answer_with(std::move(frame));
  static_cast<void>(flight);
}

Awaitable<void> Session::deliver() {
  co_await delivery_.run();
}

void Session::landed(std::size_t bytes) {
  --in_flight_;
  in_flight_bytes_ -= bytes;
  if (closing_ && in_flight_ == 0) finish();
  landed_.notify();
}

void Session::close(std::string_view goodbye_reason) {
  if (closing_) return;
  closing_ = true;
  goodbye_reason_ = goodbye_reason;
  delivery_.close();
  queues_.end_all(QueueSubscription::End::left);
  landed_.notify();
  if (in_flight_ == 0) finish();
}

void Session::finish() {
  outbox_.close_with(goodbye_frame(goodbye_reason_));
}

void Session::ended(Peer how) {
  if (how == Peer::left && !closing_) delivery_.leave_groups();
  closing_ = true;
  delivery_.close();
  queues_.end_all(how == Peer::left ? QueueSubscription::End::left : QueueSubscription::End::lost);
  outbox_.discard();
  landed_.notify();
}

}  // namespace daybook::ws
