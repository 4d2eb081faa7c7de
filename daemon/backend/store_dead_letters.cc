#include "daemon/backend/store_dead_letters.h"

#include <algorithm>

#include "daemon/log/log.h"

namespace daybook {
namespace {

// Rows looked at for one step of a filter.
constexpr std::size_t kRowsMax = limits::dead_letters_page_max;

// Dead letters that match, in offset order. `next`: where to go on.
struct Chosen {
  DeadLetterPage page;
  std::vector<Offset> missing;  // named, and not there
  std::optional<Offset> next;
};

Result<void> add(const DeadLetter& letter, Offset offset, const Filter& filter, Chosen& chosen) {
  const auto event = letter.copy->event(offset);
  if (!event) return event.error();
  if (!filter.matches(*event)) return {};
  Page& page = chosen.page.events;
  page.events.push_back(*event);
  page.keep_alive.push_back(letter.copy);
  DeadLetterPage::Facts facts;
  static_cast<DeadLetterFacts&>(facts) = letter.facts;
  chosen.page.facts.push_back(std::move(facts));
  return {};
}

// A bounded step: at most `limit` that match, of at most kRowsMax rows.
Result<Chosen> choose(const Store& store, const std::string& queue, const Filter& filter,
                      Offset after, std::size_t limit) {
  auto rows = store.book().dead_letters(queue, after, kRowsMax);
  if (!rows) return rows.error();
  Chosen chosen;
  for (const auto& [offset, letter] : rows->letters) {
    if (auto added = add(letter, offset, filter, chosen); !added) return added.error();
    if (chosen.page.facts.size() < limit) continue;
    const bool is_last = rows->complete && offset == rows->letters.back().first;
    if (!is_last) chosen.next = offset;
    return chosen;
  }
  if (!rows->complete && !rows->letters.empty()) chosen.next = rows->letters.back().first;
  return chosen;
}

Result<Chosen> choose(const Store& store, const std::string& queue, std::vector<Offset> offsets) {
  std::ranges::sort(offsets);
  const auto repeats = std::ranges::unique(offsets);
  offsets.erase(repeats.begin(), repeats.end());
  Chosen chosen;
  for (const Offset offset : offsets) {
    const auto letter = store.book().dead_letter(queue, offset);
    if (!letter) return letter.error();
    if (!*letter) {
      chosen.missing.push_back(offset);
      continue;
    }
    if (auto added = add(**letter, offset, {}, chosen); !added) return added.error();
  }
  return chosen;
}

Result<Chosen> choose(const Store& store, const DeadLetterPort::Change& change) {
  if (const auto* offsets = std::get_if<std::vector<Offset>>(&change.choice))
    return choose(store, change.queue, *offsets);
  return choose(store, change.queue, std::get<Filter>(change.choice), change.after, kRowsMax);
}

std::vector<Offset> offsets_of(const DeadLetterPage& page) {
  std::vector<Offset> offsets;
  for (const EventView& event : page.events.events) offsets.push_back(event.offset);
  return offsets;
}

}  // namespace

Awaitable<Result<StepResult>> StoreDeadLetters::look_at(std::string queue,
                                                        std::vector<Offset> offsets) {
  QueueStep look = LookAtDeadLetters{.offsets = std::move(offsets)};
  co_return co_await dispatcher_.take(std::move(queue), std::move(look));
}

Awaitable<Result<DeadLetterPage>> StoreDeadLetters::list(List list) {
  auto read = [this, &list] {
    return choose(store_, list.queue, list.filter, list.after, list.limit);
  };
  auto chosen = co_await on_read_thread(readers_, std::move(read));
  if (!chosen) co_return chosen.error();
  DeadLetterPage page = std::move(chosen->page);
  page.events.next = chosen->next;
  page.events.head = store_.committed();
  std::vector<Offset> offsets = offsets_of(page);
  // Also where there are none: a queue that is not there is an error.
  const auto looked = co_await look_at(std::move(list.queue), std::move(offsets));
  if (!looked) co_return looked.error();
  for (std::size_t i = 0; i < page.facts.size(); ++i) {
    page.facts[i].retrying = looked->standings[i].retrying;
    page.facts[i].held = looked->standings[i].held;
  }
  co_return page;
}

// Those that are being retried are left alone: they are settled by their delivery.
Awaitable<Result<DeadLetterPort::Changed>> StoreDeadLetters::apply(Change change,
                                                                   MakeStep make_step) {
  const auto row = store_.groups().find(change.queue);
  const bool has_lanes = row && row->settings.queue.order == GroupOrder::aggregate;
  // Before the rows are read: what becomes of one meanwhile has it refused.
  std::vector<Offset> none;
  const auto before = co_await look_at(change.queue, std::move(none));
  if (!before) co_return before.error();
  auto read = [this, &change] { return choose(store_, change); };
  auto chosen = co_await on_read_thread(readers_, std::move(read));
  if (!chosen) co_return chosen.error();
  std::vector<Offset> offsets = offsets_of(chosen->page);
  const auto looked = co_await look_at(change.queue, std::move(offsets));
  if (!looked) co_return looked.error();

  const bool named = std::holds_alternative<std::vector<Offset>>(change.choice);
  Changed changed{.refused = std::move(chosen->missing), .next = chosen->next};
  Ones ones;
  for (std::size_t i = 0; i < looked->standings.size(); ++i) {
    const EventView& event = chosen->page.events.events[i];
    if (looked->standings[i].retrying) {
      if (named) changed.refused.push_back(event.offset);
      continue;
    }
    const LaneKey lane =
        has_lanes ? lane_of_aggregate(event.aggregate_type, event.aggregate_id) : 0;
    ones.push_back({{event.offset, lane}, chosen->page.facts[i].attempts});
  }
  QueueStep step = make_step(ones, before->moment);
  auto done = co_await dispatcher_.take(change.queue, std::move(step));
  if (!done) co_return done.error();
  changed.count = ones.size() - done->refused.size();
  if (named)
    std::ranges::move(done->refused, std::back_inserter(changed.refused));
  else if (!done->refused.empty())
    changed.next = done->refused.front() - 1;  // There was no room for it, or it is gone.
  std::ranges::sort(changed.refused);
  co_return changed;
}

Awaitable<Result<DeadLetterPort::Changed>> StoreDeadLetters::retry(Change change) {
  const std::string queue = change.queue;
  MakeStep make_step = [](const Ones& ones, DeadLetterMoment seen_at) -> QueueStep {
    return RetryDeadLetters{.events = ones, .seen_at = seen_at};
  };
  auto changed = co_await apply(std::move(change), std::move(make_step));
  dispatcher_.changed(queue);  // A replay that was over goes on.
  if (changed)
    log::info("dead_letters_retried", {{"group", shown_name(queue)}, {"count", changed->count}});
  co_return changed;
}

Awaitable<Result<DeadLetterPort::Changed>> StoreDeadLetters::discard(Change change) {
  const std::string queue = change.queue;
  MakeStep make_step = [](const Ones& ones, DeadLetterMoment seen_at) -> QueueStep {
    DiscardDeadLetters discard{.offsets = {}, .seen_at = seen_at};
    for (const RetryDeadLetters::One& one : ones) discard.offsets.push_back(one.event.offset);
    return discard;
  };
  auto changed = co_await apply(std::move(change), std::move(make_step));
  if (changed)
    log::info("dead_letters_discarded", {{"group", shown_name(queue)}, {"count", changed->count}});
  co_return changed;
}

}  // namespace daybook
