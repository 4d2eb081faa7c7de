// What a pusher is given and tells, over the ports of queues.
#pragma once

#include <memory>
#include <string>

#include "protocol/backend.h"
#include "replication/webhook/pusher.h"

namespace daybook {

class PushSource final : public webhook::DeliverySource {
 public:
  // `name`: that of the member.
  PushSource(QueuePort& queues, std::string group, std::string name,
             std::unique_ptr<QueueMember> member);

  Awaitable<Result<Batch>> next(std::uint32_t max) override;
  void wake() override;
  Awaitable<void> ack(Lease lease) override;
  Awaitable<void> nack(Lease lease, std::optional<std::chrono::milliseconds> delay,
                       std::string reason) override;
  Awaitable<void> extend(Lease lease) override;
  void leave() override;

 private:
  Awaitable<void> take(Lease lease, QueueStep step);

  QueuePort& queues_;
  const std::string group_;
  const std::string name_;
  const std::unique_ptr<QueueMember> member_;
};

}  // namespace daybook
