// What an operator is told of a desk: why it delivers nothing, and whether that lasts too long.
#include "daemon/delivery/desk.h"
#include "daemon/log/log.h"

namespace daybook {

// Of its own queue, with a look at the log behind what the queue knows.
Idle Desk::idle(Moment now) const {
  const Line& line = lines_.front();
  if (!line.outlook()) return Idle::caught_up;
  const Idle idle = line.outlook()->idle;
  const bool read_all = idle == Idle::caught_up || idle == Idle::delivering ||
                        idle == Idle::aggregates_busy || idle == Idle::set_aside;
  if (!read_all || !line.may_have_more()) return idle;
  if (!line.is_readable(now)) return Idle::index_behind;
  return waiting_.empty() && idle != Idle::delivering ? Idle::no_credits : idle;
}

void Desk::sweep(Moment now) {
  for (const Waiting& waiting : waiting_)
    if (!waiting.ask->connected) attendance_->hear(waiting.ask->member, now);
  if (const auto& row = lines_.front().row()) {
    const auto timeout = std::chrono::milliseconds(row->settings.queue.ack_timeout_ms);
    for (const std::string& member : attendance_->forget_silent(now - timeout))
      end_member(member, true);
  }
  look_for_stall(now);
  for (Line& line : lines_) {
    line.pass_over(now);
    line.poke_if_delivered_before(now - std::chrono::seconds(1));
  }
  wake_.wake();
}

// A stall: members wait, something could be for them, and nothing is delivered for too long.
void Desk::look_for_stall(Moment now) {
  const Idle reason = idle(now);
  const bool asked = std::exchange(asked_since_sweep_, false) || !waiting_.empty();
  const bool is_hungry = asked && reason != Idle::caught_up && reason != Idle::delivering;
  if (!is_hungry) hungry_since_.reset();
  if (is_hungry && !hungry_since_) hungry_since_ = now;
  const bool stalls = hungry_since_ && now - *hungry_since_ >= tools_.stall_after;
  if (stalls && !stalled_) {
    ++tools_.counts.stalls[static_cast<std::size_t>(reason)];
    log::warning("group_stalled", {{"group", shown_name(name_)}, {"reason", name(reason)}});
  }
  stalled_ = stalls ? std::optional(reason) : std::nullopt;
  attendance_->show(reason, stalled_);
}

}  // namespace daybook
