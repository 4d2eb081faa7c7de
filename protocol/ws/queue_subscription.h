// One subscription to a queue, a group's or a replay's: takes events on lease as long as there are
// credits and room, and sends them. On the connection's strand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "protocol/backend.h"
#include "protocol/json/read_frame.h"
#include "protocol/ws/outbox.h"
#include "protocol/ws/wake.h"

namespace daybook::ws {

// Shared between the coroutine that runs it and those who find it by its name: `run` outlasts
// neither the backend nor the outbox.
class QueueSubscription {
 public:
  static constexpr std::uint32_t lease_events_max = 1000;  // in one go

  struct Place {
    json::SubId sub;
    std::string queue;  // a group, or the `replay_name` of a replay
    std::string member;
    std::uint64_t credits = 0;
  };
  QueueSubscription(Backend& backend, Outbox& outbox, const boost::asio::any_io_executor& strand,
                    Place place, std::unique_ptr<QueueMember> seat);

  // Sends until `end`, or until the queue is gone, which a last frame tells. Then the member goes,
  // but not before the backend has answered every `Step`: what a client said before it left counts.
  static Awaitable<void> run(std::shared_ptr<QueueSubscription> self);

  void credit(std::uint64_t events);
  // The outbox has some again.
  void room() {
    if (waits_for_room_) changed_.notify();
  }

  // No frame follows. A member that left gives back what it holds; one that was lost fails it.
  enum class End : std::uint8_t { left, lost };
  void end(End how);
  bool ended() const { return ended_; }
  // Until the member is gone, after `end`.
  Awaitable<void> gone();

  const Place& place() const { return place_; }

  // Something that the client asked of its leases, until the backend has answered.
  class Step {
   public:
    explicit Step(std::shared_ptr<QueueSubscription> of) : of_(std::move(of)) { ++of_->steps_; }
    Step(Step&&) noexcept = default;
    Step& operator=(Step&&) = delete;
    ~Step() { land(); }
    void land() {
      if (of_) std::exchange(of_, nullptr)->landed();
    }
    const Place& place() const { return of_->place_; }

   private:
    std::shared_ptr<QueueSubscription> of_;
  };

 private:
  struct Over;

  Awaitable<void> deliver();
  Awaitable<void> send(Leased leased);
  // Until there is room for a frame. False: the subscription has ended.
  Awaitable<bool> room_for(std::size_t bytes);
  void landed();

  Backend& backend_;
  Outbox& outbox_;
  Place place_;
  std::unique_ptr<QueueMember> seat_;  // null: the member is gone
  std::size_t steps_ = 0;
  bool ended_ = false;
  End how_ = End::lost;
  bool waits_for_room_ = false;
  Wake changed_;
};

}  // namespace daybook::ws
