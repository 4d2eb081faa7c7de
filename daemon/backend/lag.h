// How late somebody is who has finished the log up to an offset: the age of the event after it.
#pragma once

#include "daemon/threads/read_pool.h"
#include "storage/store.h"

namespace daybook {

// In seconds; 0 at the head. From a coroutine on an io thread.
Awaitable<double> lag_seconds(const Store& store, ReadPool& readers, Offset finished);

// Any thread, without waiting for the disk: what is not in the window is at least this old.
double lag_seconds_at_least(const Window& window, Offset finished);

}  // namespace daybook
