// What is read for the lines of a desk: pages ahead of demand, events that become dead letters, and
// events that waited behind one. Memory answers at once; what needs the disk is read on a read
// thread while turns go on.
#include "daemon/delivery/desk.h"
#include "daemon/delivery/desk_reads.h"
#include "daemon/log/log.h"
#include "daemon/net/spawn.h"

namespace daybook {
namespace {

constexpr std::size_t kReleaseMax = 1000;  // events of one aggregate at a time

}  // namespace

template <class Errand>
void Desk::start(const char* name, Line& line, Errand errand) {
  ++errands_;
  ++line.errands;
  net::spawn(io_.context(), name, std::move(errand));
}

void Desk::end_errand(Line& line) {
  --errands_;
  --line.errands;
  wake_.wake();
}

void Desk::start_errands(Moment now) {
  for (Line& line : lines_) {
    if (!line.row() || !line.outlook()) continue;
    listen(line);
    read_ahead(line, now);
    line.pass_over(now);
    if (!line.is_readable(now)) continue;
    const Outlook& outlook = *line.outlook();
    if (!outlook.to_bury.empty() && !line.burying) {
      line.burying = true;
      start("desk_bury", line, bury(line, outlook.to_bury));
    }
    if (!outlook.to_release.empty() && !line.releasing) {
      line.releasing = true;
      const auto max = static_cast<std::uint32_t>(std::min(outlook.room, kReleaseMax));
      start("desk_release", line, release(line, outlook.to_release.front(), max));
    }
  }
}

void Desk::read_ahead(Line& line, Moment now) {
  const auto query = line.next_read(demand(), now);
  if (!query) return;
  auto page = tools_.store.reader().read(*query, engine::Tier::memory_only);
  if (page || page.error().code != Errc::not_yet) return took_page(line, *query, page);
  line.reading = true;
  start("desk_read", line, read(line, *query));
}

void Desk::took_page(Line& line, const Query& query, const Result<Page>& page) {
  if (page) return line.take_page(query, *page);
  line.read_failed(std::chrono::steady_clock::now());
  if (page.error().code != Errc::recovering && page.error().code != Errc::overloaded)
    log::error("group_not_read",
               {{"group", shown_name(line.name())}, {"error", page.error().detail}});
}

Awaitable<void> Desk::read(Line& line, Query query) {
  const std::uint64_t epoch = line.epoch;
  const Reader& reader = tools_.store.reader();
  auto read = [&reader, &query] { return reader.read(query, engine::Tier::disk); };
  const Result<Page> page = co_await on_read_thread(tools_.readers, std::move(read));
  line.reading = false;
  if (line.epoch == epoch) took_page(line, query, page);
  end_errand(line);
}

Awaitable<void> Desk::bury(Line& line, std::vector<Burial> burials) {
  const Store& store = tools_.store;
  auto read = [&store, &line, &burials] { return read_burials(store, line.name(), burials); };
  Result<std::vector<BuryEvent>> rows = co_await on_read_thread(tools_.readers, std::move(read));
  if (rows) {
    for (BuryEvent& row : *rows) line.steps.push_back({.step = std::move(row)});
  } else {
    line.burying = false;
    line.read_failed(std::chrono::steady_clock::now());
    log::error("dead_letter_not_written",
               {{"group", shown_name(line.name())}, {"error", rows.error().detail}});
    // They hold, though their dead letters are not there yet.
    for (PendingStep& pending : std::exchange(line.held, {})) answer(pending);
  }
  end_errand(line);
}

Awaitable<void> Desk::release(Line& line, HeldRange range, std::uint32_t max) {
  const Store& store = tools_.store;
  const Filter filter = line.row()->settings.filter;
  auto read = [&] { return read_held(store, line.name(), filter, range, max); };
  Result<ReleaseHeld> released = co_await on_read_thread(tools_.readers, std::move(read));
  if (released) {
    line.steps.push_back({.step = std::move(*released)});
  } else {
    line.releasing = false;
    line.read_failed(std::chrono::steady_clock::now());
    log::error("group_not_released",
               {{"group", shown_name(line.name())}, {"error", released.error().detail}});
  }
  end_errand(line);
}

}  // namespace daybook
