// Dead letters behind the protocols: rows are read on a read thread, and what becomes of them is
// decided by their queue, through its desk.
#pragma once

#include <functional>

#include "daemon/delivery/dispatcher.h"
#include "protocol/backend.h"

namespace daybook {

class StoreDeadLetters final : public DeadLetterPort {
 public:
  StoreDeadLetters(Store& store, ReadPool& readers, Dispatcher& dispatcher)
      : store_(store), readers_(readers), dispatcher_(dispatcher) {}

  Awaitable<Result<DeadLetterPage>> list(List list) override;
  Awaitable<Result<Changed>> retry(Change change) override;
  Awaitable<Result<Changed>> discard(Change change) override;

 private:
  // What to do with some dead letters: the step, in their order.
  using Ones = std::vector<RetryDeadLetters::One>;
  using MakeStep = std::function<QueueStep(const Ones&, DeadLetterMoment seen_at)>;
  Awaitable<Result<Changed>> apply(Change change, MakeStep make_step);
  Awaitable<Result<StepResult>> look_at(std::string queue, std::vector<Offset> offsets);

  Store& store_;
  ReadPool& readers_;
  Dispatcher& dispatcher_;
};

}  // namespace daybook
