#include "daemon/backend/lag.h"

#include <algorithm>

namespace daybook {
namespace {

double age(const EventView& event) {
  return static_cast<double>(now().micros - event.recorded_at.micros) / 1e6;
}

}  // namespace

Awaitable<double> lag_seconds(const Store& store, ReadPool& readers, Offset finished) {
  if (finished >= store.committed()) co_return 0;
  auto read = [&store, finished] { return store.reader().find(finished + 1, engine::Tier::disk); };
  const auto oldest = co_await on_read_thread(readers, std::move(read));
  co_return oldest ? age(oldest->events.front()) : 0;
}

double lag_seconds_at_least(const Window& window, Offset finished) {
  const WindowView view = window.view();
  if (finished >= view.head()) return 0;
  const Offset oldest = std::max(finished + 1, view.first());
  const auto block = view.block_at(oldest);
  if (!block) return 0;
  const auto event = block->event(oldest);
  return event ? age(*event) : 0;
}

}  // namespace daybook
