// The subscriptions of a connection to queues: how they begin and end. One strand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocol/backend.h"
#include "protocol/json/read_frame.h"
#include "protocol/ws/outbox.h"
#include "protocol/ws/queue_subscription.h"
#include "protocol/ws/task_owner.h"

namespace daybook::ws {

class QueueDelivery {
 public:
  QueueDelivery(Backend& backend, Outbox& outbox, TaskOwner& tasks,
                const boost::asio::any_io_executor& strand);

  // Of a group in queue mode or a replay, under a name that is free. Queues the `subscribed` frame
  // and begins. Calls of it do not overlap.
  Awaitable<Result<void>> subscribe(json::SubscribeFrame frame, std::string ref);
  // Null where there is none of this name that goes on.
  std::shared_ptr<QueueSubscription> find(const json::SubId& sub) const;
  std::size_t size() const;  // that go on

  // Whose leases a frame of the subscription is about, or what is wrong with its `replay_id`.
  Result<std::string> queue_of(const QueueSubscription& subscription,
                               const std::string& replay_id) const;

  // The outbox has some again.
  void room();
  // Nothing begins any more.
  void end_all(QueueSubscription::End how);

 private:
  Awaitable<Result<Offset>> committed(const json::SubscribeFrame& frame);

  Backend& backend_;
  Outbox& outbox_;
  TaskOwner& tasks_;
  const boost::asio::any_io_executor strand_;
  // Those that have ended are dropped when the next one begins.
  std::vector<std::shared_ptr<QueueSubscription>> subscriptions_;
  bool closed_ = false;
};

}  // namespace daybook::ws
