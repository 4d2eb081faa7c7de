// The log of the fake backend.
#include "tests/protocol/fake_backend.h"

namespace daybook::testing {
namespace {

constexpr std::int64_t kFirstRecordedMicros = 1'769'248'800'000'000;  // 2026-01-24T10:00:00Z

StoredEvent stored(const Draft& draft) {
  StoredEvent event;
  event.id = draft.id;
  event.aggregate_type = draft.aggregate_type;
  event.aggregate_id = draft.aggregate_id;
  event.event_type = draft.event_type;
  event.schema_version = draft.schema_version;
  event.correlation_id = draft.correlation_id;
  event.causation_id = draft.causation_id;
  event.payload = draft.payload;
  event.metadata = draft.metadata;
  for (const std::string_view tag : draft.tags) event.tags.emplace_back(tag);
  if (draft.occurred_at) event.occurred_at = *draft.occurred_at;
  return event;
}

ReceiptEvent receipt_of(const StoredEvent& event) {
  return {event.view().id.to_string(), event.offset, event.sequence, event.recorded_at};
}

Receipt receipt_of(const std::deque<StoredEvent>& events, Offset first, std::size_t count) {
  Receipt receipt{first, first + (count - 1), false, {}};
  for (std::size_t i = 0; i < count; ++i)
    receipt.events.push_back(receipt_of(events[first.value - 1 + i]));
  return receipt;
}

}  // namespace

EventView StoredEvent::view() const {
  EventView view;
  view.offset = offset;
  view.sequence = sequence;
  view.id.text = id;
  if (id.empty()) view.id.uuid = {0x01, 0x99, 0xf3, 0xc2, 0, 0, 0x70, 0, 0x80, 0};
  if (id.empty())
    for (std::size_t i = 0; i < 4; ++i)
      view.id.uuid[15 - i] = static_cast<std::uint8_t>(offset.value >> (8 * i));
  view.aggregate_type = aggregate_type;
  view.aggregate_id = aggregate_id;
  view.event_type = event_type;
  view.schema_version = schema_version;
  view.correlation_id = correlation_id;
  view.causation_id = causation_id;
  view.payload = payload;
  view.metadata = metadata;
  view.occurred_at = occurred_at;
  view.recorded_at = recorded_at;
  for (const std::string& tag : tags) view.tags.push_back(tag);
  return view;
}

Offset FakeLog::add(StoredEvent event) {
  event.offset = head() + 1;
  event.sequence = {++sequences_[{event.aggregate_type, event.aggregate_id}]};
  if (event.recorded_at == Timestamp{})
    event.recorded_at = {kFirstRecordedMicros + static_cast<std::int64_t>(event.offset.value)};
  if (event.occurred_at == Timestamp{}) event.occurred_at = event.recorded_at;
  events_.push_back(std::move(event));
  interests_.look_at(events_.back().view());
  interests_.tell_up_to(head());
  return events_.back().offset;
}

void FakeLog::add_many(std::size_t count, const StoredEvent& like) {
  for (std::size_t i = 0; i < count; ++i) add(like);
}

void FakeLog::stop() {
  interests_.close();
}

std::optional<Receipt> FakeLog::replay(const Append& append) const {
  if (append.request_key)
    if (const auto known = keys_.find(append.request_key->key); known != keys_.end())
      return known->second;
  for (const StoredEvent& event : events_)
    if (!append.events[0].id.empty() && event.id == append.events[0].id)
      return receipt_of(events_, event.offset, append.events.size());
  return std::nullopt;
}

std::optional<Error> FakeLog::refusal(const Append& append) const {
  Error error(Errc::sequence_conflict, "an aggregate is not where it was expected");
  for (const Draft& draft : append.events) {
    const auto found =
        sequences_.find({std::string(draft.aggregate_type), std::string(draft.aggregate_id)});
    const Sequence actual{found == sequences_.end() ? 0 : found->second};
    if (draft.expected.holds_at(actual)) continue;
    Conflict conflict;
    conflict.aggregate_type = draft.aggregate_type;
    conflict.aggregate_id = draft.aggregate_id;
    conflict.expected = draft.expected.to_json();
    conflict.actual = actual.value;
    error.conflicts.push_back(std::move(conflict));
  }
  if (error.conflicts.empty()) return std::nullopt;
  return error;
}

Awaitable<Result<Receipt>> FakeLog::append(Append append) {
  if (failure_) co_return *std::exchange(failure_, std::nullopt);
  if (auto known = replay(append)) {
    known->replayed = true;
    co_return *known;
  }
  if (auto refused = refusal(append)) co_return *refused;
  const Offset first = head() + 1;
  for (const Draft& draft : append.events) add(stored(draft));
  const Receipt receipt = receipt_of(events_, first, append.events.size());
  if (append.request_key) keys_[append.request_key->key] = receipt;
  last_append_ = std::move(append);
  co_return receipt;
}

Awaitable<Result<Page>> FakeLog::read(Query query) {
  ++reads_;
  if (failure_) co_return *std::exchange(failure_, std::nullopt);
  Page page;
  page.head = head();
  page.explain = {"log", "", 0};
  const bool up = query.order == Order::ascending;
  if (up && query.after + 1 < floor_ && !query.skip_trimmed) {
    Error trimmed(Errc::trimmed, "the log begins later");
    trimmed.first_offset = floor_.value;
    co_return trimmed;
  }
  const std::size_t limit = std::min(query.limit, page_max_);
  const std::uint64_t last_down = std::min(query.before.value - 1, head().value);
  std::uint64_t at = up ? std::max(query.after + 1, floor_).value : last_down;
  for (; at >= floor_.value && at <= head().value && page.events.size() < limit; up ? ++at : --at) {
    const EventView view = events_[at - 1].view();
    ++page.explain.candidates;
    if (query.filter.matches(view) && query.recorded.contains(view.recorded_at) &&
        query.occurred.contains(view.occurred_at))
      page.events.push_back(view);
  }
  if (up) page.examined = {std::max(at - 1, query.after.value)};
  if (up && at <= head().value) page.next = Offset{at - 1};
  if (!up && at >= floor_.value) page.next = Offset{at + 1};
  co_return page;
}

Page FakeLog::page_of(const StoredEvent& event) const {
  Page page;
  page.head = head();
  page.events.push_back(event.view());
  return page;
}

Awaitable<Result<Page>> FakeLog::find(std::string, std::string id) {
  for (const StoredEvent& event : events_)
    if (event.view().id.to_string() == id) co_return page_of(event);
  co_return Error{Errc::not_found, "no event has this id"};
}

Awaitable<Result<Page>> FakeLog::find(Offset offset) {
  if (offset < floor_) {
    Error trimmed(Errc::trimmed, "the log begins later");
    trimmed.first_offset = floor_.value;
    co_return trimmed;
  }
  if (offset > head()) co_return Error{Errc::not_found, "the log has no such offset yet"};
  co_return page_of(events_[offset.value - 1]);
}

std::unique_ptr<Interest> FakeLog::listen(Filter filter, std::function<void()> told) {
  auto interest = std::make_unique<Interest>(interests_, std::move(filter), std::move(told));
  interest->begin(head());
  return interest;
}

Awaitable<Result<Offset>> FakeLog::resolve(StartPoint point) {
  if (std::holds_alternative<FromBeginning>(point)) co_return Offset{0};
  if (std::holds_alternative<FromHead>(point)) co_return head();
  if (const auto* offset = std::get_if<Offset>(&point)) co_return *offset;
  const Timestamp time = std::get<Timestamp>(point);
  for (const StoredEvent& event : events_)
    if (event.recorded_at >= time) co_return event.offset - 1;
  co_return head();
}

}  // namespace daybook::testing
