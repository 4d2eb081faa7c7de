#include "daemon/delivery/member.h"

namespace daybook {

Dispatcher::Member::~Member() {
  if (left_ || alive_.expired()) return;
  dispatcher_.hall_of(queue_).enter([queue = queue_, name = name_](Hall& hall) {
    if (Desk* desk = hall.find(queue)) desk->depart(name);
  });
}

Awaitable<Result<Leased>> Dispatcher::Member::next(std::uint32_t max) {
  Ask ask{.member = name_, .max = max, .connected = true};
  return dispatcher_.next(queue_, std::move(ask));
}

void Dispatcher::Member::wake() {
  dispatcher_.hall_of(queue_).enter([queue = queue_, name = name_](Hall& hall) {
    if (Desk* desk = hall.find(queue)) desk->rouse(name);
  });
}

void Dispatcher::Member::leave() {
  left_ = true;
  dispatcher_.hall_of(queue_).enter([queue = queue_, name = name_](Hall& hall) {
    Desk* desk = hall.find(queue);
    if (desk != nullptr) desk->leave(name);
  });
}

}  // namespace daybook
