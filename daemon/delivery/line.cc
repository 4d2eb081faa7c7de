#include "daemon/delivery/line.h"

#include <algorithm>

#include "storage/base/limits.h"

namespace daybook {
namespace {

// A page for the next turn: twice what is missing, since some will wait for their aggregates.
constexpr std::size_t kPageMin = 256;
constexpr std::size_t kPageMax = 2000;
constexpr std::chrono::milliseconds kReadAgain{500};

// Nothing that could be read would be delivered.
bool reading_is_useless(const Outlook& outlook, GroupOrder order) {
  return outlook.idle == Idle::breaker || outlook.idle == Idle::in_flight_limit ||
         (outlook.idle == Idle::aggregates_busy && order == GroupOrder::single);
}

LaneKey lane_of(const EventView& event, GroupOrder order) {
  return order == GroupOrder::aggregate
             ? lane_of_aggregate(event.aggregate_type, event.aggregate_id)
             : 0;
}

}  // namespace

void Line::configure(std::optional<GroupRow> row) {
  const bool same_filter = row && row_ && row->settings.filter == row_->settings.filter;
  row_ = std::move(row);
  if (row_ && row_->replay) upto_ = row_->replay->upto;
  if (!same_filter) interest.reset();
  outlook_.reset();
  admission_.reset();
  poked_ = true;  // A turn that is under way tells of what was before.
  ++epoch;
}

bool Line::may_have_more() const {
  if (!row_ || !outlook_) return false;
  if (row_->replay) return outlook_->examined < upto_;
  return interest && interest->may_match_above(outlook_->examined);
}

std::optional<Query> Line::next_read(std::size_t demand, Moment now) const {
  if (reading || admission_ || !may_have_more() || !is_readable(now)) return std::nullopt;
  if (outlook_->ready >= demand || outlook_->room == 0) return std::nullopt;
  if (reading_is_useless(*outlook_, row_->settings.queue.order)) return std::nullopt;
  Query query;
  query.filter = row_->settings.filter;
  query.after = outlook_->examined;
  const std::size_t wanted = std::max(2 * (demand - outlook_->ready), kPageMin);
  query.limit = static_cast<std::uint32_t>(std::min({wanted, outlook_->room, kPageMax}));
  return query;
}

void Line::take_page(const Query& query, const Page& page) {
  const Offset examined = page.next ? page.examined : std::max(page.examined, page.head);
  Admission admission{.revision = row_->revision,
                      .after = query.after,
                      .examined = std::min(examined, upto_),
                      .events = {}};
  admission.events.reserve(page.events.size());
  for (const EventView& event : page.events)
    if (event.offset <= upto_)
      admission.events.push_back({event.offset, lane_of(event, row_->settings.queue.order)});
  if (admission.examined > admission.after) admission_ = std::move(admission);
}

void Line::read_failed(Moment now) {
  unreadable_until_ = now + kReadAgain;
}

void Line::pass_over(Moment now) {
  if (reading || admission_ || !outlook_ || !interest || outlook_->room == 0) return;
  const Offset after = outlook_->examined;
  const Offset quiet = interest->quiet_up_to(after);
  if (quiet <= after) return;
  if (quiet - after < limits::checkpoint_events &&
      now < passed_over_at_ + limits::checkpoint_interval)
    return;
  admission_ =
      Admission{.revision = row_->revision, .after = after, .examined = quiet, .events = {}};
}

bool Line::wants_turn(Moment now) const {
  if (!steps.empty() || admission_ || !outlook_ || poked_ || outlook_->behind) return true;
  // What was due when the last turn was taken, and was not done, waits for something else.
  return outlook_->next_due && *outlook_->next_due > outlook_at_ && *outlook_->next_due <= now;
}

Moment Line::next_due(Moment now) const {
  Moment due = Moment::max();
  if (unreadable_until_ > now) due = unreadable_until_;
  if (outlook_ && outlook_->next_due > now) due = std::min(due, *outlook_->next_due);
  return due;
}

void Line::poke_if_delivered_before(Moment then) {
  if (outlook_ && outlook_->idle == Idle::delivering && outlook_at_ < then) poked_ = true;
}

QueueTurn Line::begin_turn(std::vector<PendingStep>& taken) {
  QueueTurn turn{.group = name_, .admission = std::move(admission_), .steps = {}};
  admission_.reset();
  poked_ = false;
  taken = std::move(steps);
  steps.clear();
  turn.steps.reserve(taken.size());
  for (PendingStep& pending : taken)
    turn.steps.push_back(pending.call != nullptr ? pending.call->step : std::move(pending.step));
  return turn;
}

void Line::end_turn(Outlook outlook, Moment at) {
  if (!outlook_ || outlook.examined > outlook_->examined) passed_over_at_ = at;
  outlook_ = std::move(outlook);
  outlook_at_ = at;
}

bool Line::needs_driver(const QueueView& view) const {
  const bool is_busy = !steps.empty() || !held.empty() || reading || burying || releasing;
  return is_busy || (row_ && (!outlook_ || admission_ || poked_ || view.needs_driver));
}

bool Line::is_over(const QueueView& view) const {
  if (!row_) return true;
  if (!row_->replay) return false;
  return row_->replay->cancelled || (view.examined >= upto_ && view.unfinished == 0);
}

}  // namespace daybook
