#include "daemon/delivery/dispatcher.h"

#include <algorithm>
#include <functional>

#include "daemon/delivery/member.h"
#include "daemon/log/log.h"

namespace daybook {
namespace {

using std::chrono::steady_clock;

// Hands a call over to a desk; where none opens any more, what the call holds is its answer.
template <class Bring>
struct ToDesk {
  Hall* hall;
  const std::string* desk;
  Bring bring;
  void operator()(Suspension caller) {
    hall->enter([desk = desk, bring = bring, caller = std::move(caller)](Hall& hall) mutable {
      if (Desk* open = hall.open(*desk)) return bring(*open, std::move(caller));
      IoThread& home = caller->home();
      home.resume(std::move(caller));
    });
  }
};

struct BringAsk {
  Ask* ask;
  void operator()(Desk& desk, Suspension caller) const { desk.ask(*ask, std::move(caller)); }
};

struct BringStep {
  StepCall* call;
  void operator()(Desk& desk, Suspension caller) const { desk.take(*call, std::move(caller)); }
};

struct BringMember {
  const std::string* member;
  bool* joined;
  void operator()(Desk& desk, Suspension caller) const {
    desk.arrive(*member);
    *joined = true;
    IoThread& home = caller->home();
    home.resume(std::move(caller));
  }
};

}  // namespace

Dispatcher::Dispatcher(const Parts& parts) : store_(parts.store), readers_(parts.readers) {
  const DeskTools tools{.store = parts.store,
                        .committer = parts.committer,
                        .readers = parts.readers,
                        .counts = counts_,
                        .stall_after = parts.stall_after};
  parts.threads.each([&](IoThread& thread) {
    halls_.push_back(std::make_unique<Hall>(thread, tools, directory_));
  });
}

Dispatcher::~Dispatcher() = default;

Hall& Dispatcher::hall_of(const std::string& desk) {
  return *halls_[std::hash<std::string>{}(desk) % halls_.size()];
}

void Dispatcher::start() {
  const auto open = [this](const std::string& desk) {
    hall_of(desk).enter([desk](Hall& hall) { hall.open(desk); });
  };
  const auto groups = store_.groups().all();
  for (const auto& [name, row] : groups) track_replay(name);
  for (const auto& [name, row] : groups) {
    const auto view = store_.groups().queue_view(name);
    if (!view || !view->needs_driver) continue;
    if (const auto desk = desk_of(name)) open(*desk);
  }
}

void Dispatcher::stop() {
  for (const auto& hall : halls_) hall->enter([](Hall& entered) { entered.stop(); });
}

// The desk that drives a queue.
Result<std::string> Dispatcher::desk_of(const std::string& queue) const {
  const auto row = store_.groups().find(queue);
  if (!row && is_replay_name(queue))
    return Error{Errc::not_found, "there is no replay \"" + queue.substr(1) + "\""};
  if (!row)
    return Error{Errc::unknown_group, "there is no group \"" + queue + "\": create it with PUT"};
  if (row->settings.mode != GroupMode::queue)
    return Error{Errc::wrong_mode, "the group is in log mode: its members commit offsets"};
  return row->replay && !row->replay->group.empty() ? row->replay->group : queue;
}

Result<std::string> Dispatcher::desk_to_join(const std::string& queue) const {
  auto desk = desk_of(queue);
  if (desk && *desk != queue)
    return Error{Errc::wrong_mode, "the replay is delivered to the members of the group \"" +
                                       *desk + "\": be one of them"};
  return desk;
}

Awaitable<Result<Leased>> Dispatcher::fetch(QueuePort::Fetch fetch) {
  Ask ask{.member = std::move(fetch.member),
          .max = fetch.max,
          .until = steady_clock::now() + fetch.wait};
  return next(std::move(fetch.queue), std::move(ask));
}

Awaitable<Result<Leased>> Dispatcher::next(std::string queue, Ask ask) {
  const auto desk = desk_to_join(queue);
  if (!desk) co_return desk.error();
  ask.lots = std::vector<Lot>{};
  ToDesk<BringAsk> bring{&hall_of(*desk), &*desk, {&ask}};
  co_await suspend(IoThread::current(), bring);
  if (!ask.lots) co_return ask.lots.error();
  co_return co_await read(std::move(ask.member), std::move(*ask.lots));
}

Awaitable<Result<std::unique_ptr<QueueMember>>> Dispatcher::join(std::string queue,
                                                                 std::string member) {
  const auto desk = desk_to_join(queue);
  if (!desk) co_return desk.error();
  bool joined = false;
  ToDesk<BringMember> bring{&hall_of(*desk), &*desk, {&member, &joined}};
  co_await suspend(IoThread::current(), bring);
  if (!joined) co_return Error{Errc::shutting_down, "the daemon is stopping"};
  std::unique_ptr<QueueMember> made = std::make_unique<Member>(*this, queue, member);
  co_return made;
}

Awaitable<Result<StepResult>> Dispatcher::take(std::string queue, QueueStep step) {
  const auto desk = desk_of(queue);
  if (!desk) co_return desk.error();
  StepCall call{.queue = std::move(queue),
                .step = std::move(step),
                .result = Error{Errc::shutting_down, "the daemon is stopping"}};
  ToDesk<BringStep> bring{&hall_of(*desk), &*desk, {&call}};
  co_await suspend(IoThread::current(), bring);
  co_return std::move(call.result);
}

// The events of what a member was given. What cannot be read is given back, and the policy of its
// group decides.
Awaitable<Result<Leased>> Dispatcher::read(std::string member, std::vector<Lot> lots) {
  Leased leased;
  std::optional<Error> failed;
  for (Lot& lot : lots) {
    std::ranges::sort(lot.deliveries, {}, &Delivery::offset);
    std::vector<Offset> offsets;
    for (const Delivery& delivery : lot.deliveries) offsets.push_back(delivery.offset);
    auto page = co_await read_events(std::move(offsets));
    if (!page) {
      failed = page.error();
      co_await give_back(member, std::move(lot), page.error());
      continue;
    }
    if (page->events.size() < lot.deliveries.size()) {  // A page is bounded in bytes.
      Lot rest{.queue = lot.queue, .deliveries = {}};
      const auto end = lot.deliveries.begin() + static_cast<std::ptrdiff_t>(page->events.size());
      rest.deliveries.assign(end, lot.deliveries.end());
      lot.deliveries.erase(end, lot.deliveries.end());
      co_await release(member, std::move(rest));
    }
    const std::string replay_id = is_replay_name(lot.queue) ? lot.queue.substr(1) : "";
    for (const Delivery& delivery : lot.deliveries)
      leased.tags.push_back({.attempt = delivery.attempt, .replay_id = replay_id});
    leased.page.head = page->head;
    std::ranges::move(page->events, std::back_inserter(leased.page.events));
    std::ranges::move(page->keep_alive, std::back_inserter(leased.page.keep_alive));
  }
  if (lots.empty()) leased.page.head = store_.committed();
  if (failed && leased.tags.empty()) co_return std::move(*failed);
  co_return leased;
}

Awaitable<Result<Page>> Dispatcher::read_events(std::vector<Offset> offsets) {
  const Reader& reader = store_.reader();
  auto page = reader.read(offsets, engine::Tier::memory_only);
  if (page || page.error().code != Errc::not_yet) co_return page;
  auto read = [&reader, &offsets] { return reader.read(offsets, engine::Tier::disk); };
  co_return co_await on_read_thread(readers_, std::move(read));
}

// A single event that cannot be read has failed; the others were never shown, and come again.
Awaitable<void> Dispatcher::give_back(std::string member, Lot lot, Error why) {
  log::error("delivery_not_read", {{"group", shown_name(lot.queue)},
                                   {"offset", lot.deliveries.front().offset.value},
                                   {"error", why.detail}});
  if (why.code == Errc::corrupted || why.code == Errc::io_failed) {
    for (std::size_t i = 0; i < lot.deliveries.size();) {
      std::vector<Offset> offset{lot.deliveries[i].offset};
      const auto read = co_await read_events(std::move(offset));
      if (read || (read.error().code != Errc::corrupted && read.error().code != Errc::io_failed)) {
        ++i;
        continue;
      }
      NackLeases nack{.member = member,
                      .leases = {},
                      .action = NackAction::retry,
                      .delay = {},
                      .reason = "the daemon could not read the event"};
      nack.leases.push_back({lot.deliveries[i].offset, lot.deliveries[i].attempt});
      lot.deliveries.erase(lot.deliveries.begin() + static_cast<std::ptrdiff_t>(i));
      QueueStep step = std::move(nack);
      const auto nacked = co_await take(lot.queue, std::move(step));
      (void)nacked;  // Where that fails, too, the lease times out.
    }
  }
  co_await release(std::move(member), std::move(lot));
}

Awaitable<void> Dispatcher::release(std::string member, Lot lot) {
  if (lot.deliveries.empty()) co_return;
  ReleaseLeases back{.member = std::move(member), .leases = {}};
  for (const Delivery& delivery : lot.deliveries)
    back.leases.push_back({.offset = delivery.offset, .attempt = delivery.attempt});
  QueueStep step = std::move(back);
  const auto released = co_await take(std::move(lot.queue), std::move(step));
  (void)released;  // Where that fails, too, the leases time out.
}

// Which replays go to a group, so that its desk finds them when it opens.
void Dispatcher::track_replay(const std::string& queue) {
  if (!is_replay_name(queue)) return;
  const auto row = store_.groups().find(queue);
  if (!row || !row->replay || row->replay->cancelled) return directory_.remove_replay(queue);
  const QueueView view = store_.groups().queue_view(queue).value_or(QueueView{});
  const bool goes_on = view.examined < row->replay->upto || view.unfinished > 0;
  if (goes_on && !row->replay->group.empty()) directory_.add_replay(queue, row->replay->group);
}

void Dispatcher::changed(const std::string& queue) {
  track_replay(queue);
  const auto row = store_.groups().find(queue);
  const bool to_group = row && row->replay && !row->replay->group.empty();
  const std::string desk = to_group ? row->replay->group : queue;
  hall_of(desk).enter([desk, queue](Hall& hall) {
    if (Desk* open = hall.find(desk)) open->changed(queue);
  });
}

void Dispatcher::acked(const std::string& queue, std::size_t count) {
  counts_.acks += count;
  const auto desk = desk_of(queue);
  if (!desk) return;
  hall_of(*desk).enter([desk = *desk, queue](Hall& hall) {
    if (Desk* open = hall.open(desk)) open->poke(queue);
  });
}

bool Dispatcher::heartbeat(const std::string& queue, const std::string& member) {
  const auto attendance = directory_.find(queue);
  return attendance && attendance->heartbeat(member, steady_clock::now());
}

bool Dispatcher::leave(const std::string& queue, const std::string& member) {
  const auto attendance = directory_.find(queue);
  const bool was_there = attendance && attendance->leave(member);
  // Also of one that is not there: it may hold leases from before a restart.
  hall_of(queue).enter([queue, member](Hall& hall) {
    if (Desk* desk = hall.open(queue)) desk->end_member(member, false);
  });
  return was_there;
}

std::optional<Attendance::Shown> Dispatcher::find(const std::string& queue) const {
  const auto attendance = directory_.find(queue);
  if (!attendance) return std::nullopt;
  return attendance->shown();
}

}  // namespace daybook
