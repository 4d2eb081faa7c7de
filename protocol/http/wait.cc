// See wait.h.
#include "protocol/http/wait.h"

#include <algorithm>

namespace daybook::http {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Awaitable<Waited> wait_a_while(LogPort& log, Offset after, milliseconds at_most) {
  constexpr milliseconds kSlice{1000};
  constexpr milliseconds kTimerSlack{20};
  const milliseconds slice = std::clamp(at_most, milliseconds(0), kSlice);
  const auto began = steady_clock::now();
  const Offset head = co_await log.wait_above(after, slice);
  if (head > after) co_return Waited::above;
  const bool early = steady_clock::now() - began + kTimerSlack < slice;
  co_return early ? Waited::stopping : Waited::timeout;
}

}  // namespace daybook::http
