// A member of a queue by a connection.
#pragma once

#include "daemon/delivery/dispatcher.h"

namespace daybook {

class Dispatcher::Member final : public QueueMember {
 public:
  Member(Dispatcher& dispatcher, std::string queue, std::string name)
      : dispatcher_(dispatcher),
        alive_(dispatcher.alive_),
        queue_(std::move(queue)),
        name_(std::move(name)) {}
  ~Member() override;

  Awaitable<Result<Leased>> next(std::uint32_t max) override;
  void wake() override;
  void leave() override;

 private:
  Dispatcher& dispatcher_;
  const std::weak_ptr<const bool> alive_;
  const std::string queue_;
  const std::string name_;
  bool left_ = false;
};

}  // namespace daybook
