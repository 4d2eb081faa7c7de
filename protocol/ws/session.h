// One WebSocket connection, without its socket. Whoever owns the socket runs, on one strand:
//
//   hear:    for every text frame, in order:  co_await session.heard(frame)
//   deliver: co_await session.deliver()
//   write:   while (auto frame = co_await session.outbox().pop()) co_await write(*frame)
//
// joined by `&&`, and keeps the session until all tasks given to its `TaskOwner` are done as well.
// When `pop` ends it closes the socket with 1001. When the socket ends first it calls `ended`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/backend.h"
#include "protocol/json/read_frame.h"
#include "protocol/ws/delivery.h"
#include "protocol/ws/outbox.h"
#include "protocol/ws/queue_delivery.h"
#include "protocol/ws/task_owner.h"
#include "protocol/ws/wake.h"
#include "storage/base/limits.h"

namespace daybook::ws {

struct SessionSettings {
  std::string version;  // of the daemon, told in `welcome`
  Limits limits;
  std::chrono::milliseconds ping{15'000};  // how often the socket's owner pings; told in `welcome`
};

class Session {
 public:
  // Queues the `welcome` frame.
  Session(Backend& backend, const SessionSettings& settings, TaskOwner& tasks,
          const boost::asio::any_io_executor& strand);

  // Takes one text frame. An append, a commit, or what is asked of leases goes on beside the frames
  // that follow, and is answered when it is done. Waits, so that no more is read, while too many of
  // them are in flight or the client does not take its answers. Never throws for what a client
  // sends.
  Awaitable<void> heard(std::string text);

  // Sends what is subscribed to. Ends at `close` or `ended`.
  Awaitable<void> deliver();

  Outbox& outbox() { return outbox_; }

  // Takes no more frames in; when the appends in flight were answered, `goodbye` is queued as the
  // last frame. A client that does not read may hold this up: the socket's owner has the deadline.
  void close(std::string_view goodbye_reason);

  // The socket is gone: everything unsent is dropped. A client that left (it sent a close frame)
  // leaves its groups at once; one that was lost, or told goodbye, keeps its place in groups in log
  // mode until its members time out, so that it goes on where it was if it comes back sooner. Of a
  // queue, a member that was lost is gone at once, and one that was told goodbye has left.
  enum class Peer : std::uint8_t { left, lost };
  void ended(Peer how);

  std::size_t in_flight() const { return in_flight_; }

 private:
  // Counts one append, commit or change of leases as in flight for as long as it lives.
  class Flight;

  Awaitable<void> dispatch(json::ClientFrame frame);
  Awaitable<void> hear_append(json::AppendFrame frame, std::string ref);
  Awaitable<void> hear_commit(json::CommitFrame frame, std::string ref);
  Awaitable<void> hear_leases(json::LeasesFrame frame, std::string ref);
  Awaitable<void> hear_subscribe(json::SubscribeFrame frame, std::string ref);
  Awaitable<void> hear_unsubscribe(json::UnsubscribeFrame frame, std::string ref);
  std::optional<Error> refusal(const json::SubscribeFrame& frame);
  Result<void> credit(const json::CreditFrame& frame);
  Awaitable<void> answer(std::string ref, Result<void> done);
  Awaitable<void> answer_with(std::string frame);
  Awaitable<void> append(Append append, std::string ref, Flight flight);
  Awaitable<void> commit(CommitOffset commit, std::string ref, Flight flight);
  struct LeaseChange;
  Awaitable<void> change_leases(LeaseChange change, std::string ref, Flight flight);
  Awaitable<void> room_in_flight(std::size_t bytes);
  void landed(std::size_t bytes);
  void finish();

  Backend& backend_;
  const SessionSettings settings_;
  TaskOwner& tasks_;
  Outbox outbox_;
  Delivery delivery_;
  QueueDelivery queues_;
  bool closing_ = false;
  std::string goodbye_reason_;
  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  Wake landed_;
};

}  // namespace daybook::ws
