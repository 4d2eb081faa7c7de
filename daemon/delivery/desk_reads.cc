#include "daemon/delivery/desk_reads.h"

#include <algorithm>

namespace daybook {
namespace {

Result<BuryEvent> bury_again(const Burial& burial, const DeadLetter& before) {
  const auto event = before.copy->event(burial.offset);
  if (!event) return event.error();
  return BuryEvent{.offset = burial.offset,
                   .row = encode_dead_letter(*event, join(before.facts, burial.facts)),
                   .replaces = true,
                   .aggregate_type = std::string(event->aggregate_type),
                   .aggregate_id = std::string(event->aggregate_id)};
}

Result<BuryEvent> read_burial(const Store& store, const std::string& queue, const Burial& burial) {
  const auto before = store.book().dead_letter(queue, burial.offset);
  if (!before) return before.error();
  if (*before) return bury_again(burial, **before);
  const auto page = store.reader().find(burial.offset, engine::Tier::disk);
  if (!page) return page.error();
  const EventView& event = page->events.front();
  return BuryEvent{.offset = burial.offset,
                   .row = encode_dead_letter(event, burial.facts),
                   .aggregate_type = std::string(event.aggregate_type),
                   .aggregate_id = std::string(event.aggregate_id)};
}

}  // namespace

Result<std::vector<BuryEvent>> read_burials(const Store& store, const std::string& queue,
                                            const std::vector<Burial>& burials) {
  std::vector<BuryEvent> rows;
  std::optional<Error> failed;
  std::size_t bytes = 0;
  for (const Burial& burial : burials) {
    auto row = read_burial(store, queue, burial);
    if (!row) {  // Damage in one event does not hold the others up.
      failed = row.error();
      continue;
    }
    bytes += row->row.size();
    rows.push_back(std::move(*row));
    if (bytes >= limits::group_commit_bytes) break;
  }
  if (rows.empty() && failed) return std::move(*failed);
  return rows;
}

Result<ReleaseHeld> read_held(const Store& store, const std::string& queue, const Filter& filter,
                              const HeldRange& range, std::uint32_t max) {
  Query query{.filter = filter, .after = range.after, .limit = max};
  query.filter.aggregate_type = range.aggregate_type;
  query.filter.aggregate_id = range.aggregate_id;
  const auto page = store.reader().read(query, engine::Tier::disk);
  if (!page) return page.error();
  ReleaseHeld release{.lane = range.lane,
                      .after = range.after,
                      .examined = std::min(page->next ? page->examined : range.upto, range.upto),
                      .events = {}};
  for (const EventView& event : page->events) {
    // What a new filter does not want, and what is a dead letter itself, stays out.
    if (event.offset > range.upto || !filter.matches(event)) continue;
    const auto letter = store.book().dead_letter(queue, event.offset);
    if (!letter) return letter.error();
    if (!*letter) release.events.push_back(event.offset);
  }
  return release;
}

}  // namespace daybook
