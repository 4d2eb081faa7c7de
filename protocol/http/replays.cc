// Replays: events of the past, delivered again beside a group's own or to whoever subscribes.
#include "protocol/http/handlers.h"
#include "protocol/json/read_replay.h"
#include "protocol/json/write_replay.h"

namespace daybook::http {
namespace {

constexpr std::uint32_t kFailuresShown = 100;

// The replay and the first of its failures.
Awaitable<Result<Response>> show(const Call& call, unsigned status, Result<ReplayInfo> replay) {
  if (!replay) co_return replay.error();
  DeadLetterPort::List failed;
  failed.queue = replay_name(replay->id);
  failed.limit = kFailuresShown;
  const Result<DeadLetterPage> failures =
      co_await call.backend.dead_letters.list(std::move(failed));
  if (!failures) co_return failures.error();
  Response response;
  response.status = status;
  json::append_replay(response.body, *replay, *failures);
  co_return response;
}

Awaitable<Result<Response>> set_paused(const Call& call, bool paused) {
  Result<std::string> id = path_name(call, 0);
  if (!id) co_return id.error();
  Result<ReplayInfo> replay = co_await call.backend.replays.pause(std::move(*id), paused);
  Result<Response> shown = co_await show(call, 200, std::move(replay));
  co_return shown;
}

}  // namespace

Awaitable<Result<Response>> create_replay(const Call& call) {
  Result<ReplayPort::Create> asked = json::read_replay(call.request.body, call.settings.limits);
  if (!asked) co_return asked.error();
  Result<ReplayInfo> replay = co_await call.backend.replays.create(std::move(*asked));
  Result<Response> shown = co_await show(call, 201, std::move(replay));
  co_return shown;
}

Awaitable<Result<Response>> list_replays(const Call& call) {
  Response response;
  json::append_replay_list(response.body, call.backend.replays.list());
  co_return response;
}

Awaitable<Result<Response>> find_replay(const Call& call) {
  const Result<std::string> id = path_name(call, 0);
  if (!id) co_return id.error();
  Result<ReplayInfo> replay = call.backend.replays.find(*id);
  Result<Response> shown = co_await show(call, 200, std::move(replay));
  co_return shown;
}

Awaitable<Result<Response>> delete_replay(const Call& call) {
  Result<std::string> id = path_name(call, 0);
  if (!id) co_return id.error();
  const Result<void> removed = co_await call.backend.replays.remove(std::move(*id));
  if (!removed) co_return removed.error();
  co_return no_content();
}

Awaitable<Result<Response>> pause_replay(const Call& call) {
  return set_paused(call, true);
}

Awaitable<Result<Response>> resume_replay(const Call& call) {
  return set_paused(call, false);
}

Awaitable<Result<Response>> cancel_replay(const Call& call) {
  Result<std::string> id = path_name(call, 0);
  if (!id) co_return id.error();
  Result<ReplayInfo> replay = co_await call.backend.replays.cancel(std::move(*id));
  Result<Response> shown = co_await show(call, 200, std::move(replay));
  co_return shown;
}

}  // namespace daybook::http
