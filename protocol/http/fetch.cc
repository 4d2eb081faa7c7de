// `POST /v1/groups/{group}/fetch`: a member reads on, or is leased events, and waits where there is
// nothing yet.
#include <algorithm>
#include <utility>

#include "protocol/http/handlers.h"
#include "protocol/http/live_wait.h"
#include "protocol/json/read_group.h"
#include "protocol/json/write_leased.h"
#include "protocol/json/write_page.h"

namespace daybook::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Poll {
  std::string group;
  std::string member;
  Query query;
  milliseconds member_timeout;
  steady_clock::time_point deadline;
};

// How long a wait may last: so often it is looked at whether the member is still one.
constexpr milliseconds kSlice{1000};

milliseconds left_of(const Poll& poll) {
  return std::chrono::ceil<milliseconds>(poll.deadline - steady_clock::now());
}

void append_fetched(std::string& out, const Leased& leased, json::EventTexts& texts) {
  const Page& page = leased.page;
  char before = '[';
  out += R"({"events":)";
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    out += std::exchange(before, ',');
    const Leased::Tag& tag = leased.tags[i];
    json::append_leased(out, {page.events[i], tag.attempt, tag.replay_id, page.head}, texts);
  }
  out += page.events.empty() ? "[]" : "]";
  out += R"(,"next_after":null,"generation":null})";
}

// The first page that has events, or the last empty one. `query.after` moves on with the filter.
Awaitable<Result<Page>> poll_events(Backend& backend, Poll poll) {
  LiveWait live(backend.log, poll.query.filter);
  for (;;) {
    Result<Page> page = co_await backend.log.read(poll.query);
    if (!page || !page->events.empty()) co_return page;
    poll.query.after = std::max(poll.query.after, page->examined);
    if (page->next && left_of(poll) <= milliseconds(0)) co_return page;
    for (;;) {
      const Offset quiet = live.interest().quiet_up_to(poll.query.after);
      page->examined = poll.query.after = quiet;
      if (live.interest().may_match_above(quiet)) break;
      const milliseconds left = left_of(poll);
      if (left <= milliseconds(0)) co_return page;
      const milliseconds slice = std::min({left, kSlice, poll.member_timeout / 3});
      const bool goes_on = co_await live.wait(quiet, slice);
      if (!goes_on) co_return page;
      // A member that waits is alive, however long it waits.
      Result<void> alive = backend.members.heartbeat(poll.group, poll.member);
      if (!alive) co_return alive.error();
    }
  }
}

Awaitable<Result<Response>> fetch_leased(const Call& call, std::string group,
                                         json::FetchRequest asked) {
  if (asked.after)
    co_return Error{Errc::bad_value, "a group in queue mode is read from where it is", "/after"};
  QueuePort::Fetch fetch;
  fetch.queue = std::move(group);
  fetch.member = std::move(asked.member);
  fetch.max = asked.max;
  fetch.wait = asked.wait;
  const Result<Leased> leased = co_await call.backend.queues.fetch(std::move(fetch));
  if (!leased) co_return leased.error();
  Response response;
  append_fetched(response.body, *leased, call.backend.log.event_texts());
  co_return response;
}

Awaitable<Result<Response>> fetch_read(const Call& call, std::string group,
                                       json::FetchRequest asked) {
  Result<MemberPort::Joined> joined = co_await call.backend.members.join(group, asked.member);
  if (!joined) co_return joined.error();
  Poll poll;
  poll.group = std::move(group);
  poll.member = std::move(asked.member);
  poll.query.filter = std::move(joined->filter);
  poll.query.after = asked.after.value_or(joined->committed);
  poll.query.limit = asked.max;
  poll.member_timeout = joined->timeout;
  poll.deadline = steady_clock::now() + asked.wait;
  Result<Page> page = co_await poll_events(call.backend, std::move(poll));
  if (!page) co_return page.error();
  Response response;
  json::append_fetched(response.body, *page, joined->generation, call.backend.log.event_texts());
  co_return response;
}

}  // namespace

Awaitable<Result<Response>> fetch_events(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<json::FetchRequest> asked = json::read_fetch(call.request.body, call.settings.limits);
  if (!asked) co_return asked.error();
  const std::size_t page_max = call.settings.limits.page_events_max;
  asked->max = static_cast<std::uint32_t>(std::min<std::size_t>(asked->max, page_max));
  const bool leases = call.backend.groups.mode(*group) == GroupMode::queue;
  const auto fetch = leases ? fetch_leased : fetch_read;
  co_return co_await fetch(call, std::move(*group), std::move(*asked));
}

}  // namespace daybook::http
