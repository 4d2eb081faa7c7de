#include "tests/protocol/fake_replays.h"

#include <algorithm>

#include "tests/protocol/fake_backend.h"

namespace daybook::testing {
namespace {

Error unknown() {
  return {Errc::not_found, "no such replay"};
}

Awaitable<Result<void>> check_queue_group(FakeGroups& groups, std::string group) {
  const Result<GroupInfo> found = co_await groups.find(std::move(group));
  if (!found) co_return found.error();
  if (found->row.settings.mode != GroupMode::queue)
    co_return Error{Errc::wrong_mode, "the group is in log mode"};
  co_return Result<void>();
}

// The last offset at or before the end of a range.
Offset last_of(const std::variant<FromHead, Offset, Timestamp>& to, const FakeLog& log) {
  if (const auto* offset = std::get_if<Offset>(&to)) return std::min(*offset, log.head());
  const auto* time = std::get_if<Timestamp>(&to);
  Offset last = log.head();
  while (time != nullptr && last.value > 0 && log.events()[last.value - 1].recorded_at > *time)
    last = last - 1;
  return last;
}

}  // namespace

Awaitable<Result<ReplayInfo>> FakeReplays::create(Create create) {
  if (!create.group.empty()) {
    const Result<void> checked = co_await check_queue_group(groups_, create.group);
    if (!checked) co_return checked.error();
  }
  StartPoint start = FromBeginning{};
  if (const auto* offset = std::get_if<Offset>(&create.from)) start = *offset - 1;
  if (const auto* time = std::get_if<Timestamp>(&create.from)) start = *time;
  const Result<Offset> after = co_await log_.resolve(start);
  ReplayRange range;
  range.group = create.group;
  range.after = *after;
  range.upto = last_of(create.to, log_);
  range.created_at = Timestamp{1'000'000};
  ReplayInfo replay;
  replay.id = "replay-" + std::to_string(++created_);
  replay.row.settings.mode = GroupMode::queue;
  replay.row.settings.filter = create.filter;
  replay.row.replay = range;
  replay.in_progress = true;
  replays_[replay.id] = replay;
  co_return replay;
}

void FakeReplays::add(const std::string& id, const std::string& group) {
  ReplayInfo replay;
  replay.id = id;
  replay.row.settings.mode = GroupMode::queue;
  replay.row.replay = ReplayRange{.group = group, .after = {}, .upto = {}, .created_at = {}};
  replays_[id] = replay;
}

Result<ReplayInfo> FakeReplays::find(const std::string& id) const {
  const auto known = replays_.find(id);
  if (known == replays_.end()) return unknown();
  return known->second;
}

std::vector<ReplayInfo> FakeReplays::list() const {
  std::vector<ReplayInfo> all;
  for (const auto& [id, replay] : replays_) all.push_back(replay);
  return all;
}

Awaitable<Result<ReplayInfo>> FakeReplays::pause(std::string id, bool paused) {
  const auto known = replays_.find(id);
  if (known == replays_.end()) co_return unknown();
  known->second.row.paused = paused;
  co_return known->second;
}

Awaitable<Result<ReplayInfo>> FakeReplays::cancel(std::string id) {
  const auto known = replays_.find(id);
  if (known == replays_.end()) co_return unknown();
  known->second.row.replay->cancelled = true;
  known->second.in_progress = false;
  co_return known->second;
}

Awaitable<Result<void>> FakeReplays::remove(std::string id) {
  if (replays_.erase(id) == 0) co_return unknown();
  co_return Result<void>();
}

void FakeDeadLetters::bury(const std::string& queue, const EventView& event,
                           DeadLetterPage::Facts facts) {
  letters_[queue][event.offset] = {event, std::move(facts)};
}

Awaitable<Result<void>> FakeDeadLetters::check(std::string queue) {
  if (!is_replay_name(queue)) {
    Result<void> checked = co_await check_queue_group(groups_, std::move(queue));
    co_return checked;
  }
  const Result<ReplayInfo> replay = replays_.find(queue.substr(1));
  if (!replay) co_return replay.error();
  co_return Result<void>();
}

Awaitable<Result<DeadLetterPage>> FakeDeadLetters::list(List list) {
  const Result<void> checked = co_await check(list.queue);
  if (!checked) co_return checked.error();
  DeadLetterPage page;
  for (const auto& [offset, letter] : letters_[list.queue]) {
    if (offset <= list.after || !list.filter.matches(letter.event)) continue;
    if (page.facts.size() == list.limit) {
      page.events.next = page.events.events.back().offset;
      break;
    }
    page.events.events.push_back(letter.event);
    page.facts.push_back(letter.facts);
  }
  co_return page;
}

template <class Settle>
DeadLetterPort::Changed FakeDeadLetters::apply(const Change& change, Settle settle) {
  Letters& letters = letters_[change.queue];
  std::vector<Offset> chosen;
  if (const auto* offsets = std::get_if<std::vector<Offset>>(&change.choice)) chosen = *offsets;
  if (const auto* filter = std::get_if<Filter>(&change.choice))
    for (const auto& [offset, letter] : letters)
      if (offset > change.after && !letter.facts.retrying && filter->matches(letter.event))
        chosen.push_back(offset);
  Changed changed;
  if (chosen.size() > step_) {
    chosen.resize(step_);
    changed.next = chosen.back();
  }
  for (const Offset offset : chosen) {
    const auto letter = letters.find(offset);
    if (letter == letters.end() || letter->second.facts.retrying) {
      changed.refused.push_back(offset);
    } else {
      settle(letters, letter);
      ++changed.count;
    }
  }
  return changed;
}

Awaitable<Result<DeadLetterPort::Changed>> FakeDeadLetters::retry(Change change) {
  const Result<void> checked = co_await check(change.queue);
  if (!checked) co_return checked.error();
  co_return apply(change,
                  [](Letters&, Letters::iterator letter) { letter->second.facts.retrying = true; });
}

Awaitable<Result<DeadLetterPort::Changed>> FakeDeadLetters::discard(Change change) {
  const Result<void> checked = co_await check(change.queue);
  if (!checked) co_return checked.error();
  co_return apply(change,
                  [](Letters& letters, Letters::iterator letter) { letters.erase(letter); });
}

}  // namespace daybook::testing
