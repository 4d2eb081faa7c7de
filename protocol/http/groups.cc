// Groups: settings, committed offsets and members. Reading on behalf of a group is in fetch.cc.
#include <boost/beast/http/field.hpp>

#include "protocol/http/handlers.h"
#include "protocol/http/parameters.h"
#include "protocol/json/read_group.h"
#include "protocol/json/write_group.h"

namespace daybook::http {
namespace {

// `If-Match: "3"` or `*`. A tag that no group can have is precondition_failed.
std::optional<Error> read_if_match(const Request& request, PutGroup& put) {
  std::string_view tag = request.headers[boost::beast::http::field::if_match];
  if (tag.empty()) return std::nullopt;
  put.if_any_revision = tag == "*";
  if (put.if_any_revision) return std::nullopt;
  if (tag.size() >= 2 && tag.starts_with('"') && tag.ends_with('"'))
    tag = tag.substr(1, tag.size() - 2);
  put.if_revision = parse_integer(tag);
  if (put.if_revision) return std::nullopt;
  return Error{Errc::precondition_failed, "If-Match must be the ETag of the group, or *"};
}

Response group_response(unsigned status, const GroupInfo& group) {
  Response response;
  response.status = status;
  response.headers.push_back(etag(group.row.revision));
  json::append_group(response.body, group);
  return response;
}

Awaitable<Result<Response>> set_paused(const Call& call, bool paused) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  PauseGroup pause;
  pause.group = std::move(*group);
  pause.paused = paused;
  const Result<GroupInfo> done = co_await call.backend.groups.pause(std::move(pause));
  if (!done) co_return done.error();
  co_return group_response(200, *done);
}

}  // namespace

Awaitable<Result<Response>> list_groups(const Call& call) {
  Response response;
  json::append_group_list(response.body, call.backend.groups.list());
  co_return response;
}

Awaitable<Result<Response>> put_group(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<GroupSettings> settings =
      json::read_group_settings(call.request.body, call.settings.limits);
  if (!settings) co_return settings.error();
  PutGroup put;
  put.group = std::move(*group);
  put.settings = std::move(*settings);
  if (auto refused = read_if_match(call.request, put)) co_return std::move(*refused);
  Result<GroupPort::Put> done = co_await call.backend.groups.put(std::move(put));
  if (!done) co_return done.error();
  co_return group_response(done->created ? 201 : 200, done->group);
}

Awaitable<Result<Response>> find_group(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<GroupInfo> found = co_await call.backend.groups.find(std::move(*group));
  if (!found) co_return found.error();
  co_return group_response(200, *found);
}

Awaitable<Result<Response>> delete_group(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<void> removed = co_await call.backend.groups.remove(std::move(*group));
  if (!removed) co_return removed.error();
  co_return no_content();
}

Awaitable<Result<Response>> commit_group(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  const Result<json::CommitRequest> asked =
      json::read_commit(call.request.body, call.settings.limits);
  if (!asked) co_return asked.error();
  CommitOffset commit;
  commit.group = std::move(*group);
  commit.offset = asked->offset;
  commit.generation = asked->generation;
  const Result<Offset> committed = co_await call.backend.groups.commit(std::move(commit));
  if (!committed) co_return committed.error();
  Response response;
  json::append_committed(response.body, *committed);
  co_return response;
}

Awaitable<Result<Response>> reset_group(const Call& call) {
  Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  Result<GroupStart> to = json::read_reset(call.request.body, call.settings.limits);
  if (!to) co_return to.error();
  ResetGroup reset;
  reset.group = std::move(*group);
  reset.to = *to;
  const Result<Offset> committed = co_await call.backend.groups.reset(std::move(reset));
  if (!committed) co_return committed.error();
  co_return no_content();
}

Awaitable<Result<Response>> heartbeat_member(const Call& call) {
  const Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  const Result<std::string> member = json::read_member(call.request.body, call.settings.limits);
  if (!member) co_return member.error();
  const Result<void> done = call.backend.members.heartbeat(*group, *member);
  if (!done) co_return done.error();
  co_return no_content();
}

Awaitable<Result<Response>> leave_group(const Call& call) {
  const Result<std::string> group = path_name(call, 0);
  if (!group) co_return group.error();
  const Result<std::string> member = json::read_member(call.request.body, call.settings.limits);
  if (!member) co_return member.error();
  const Result<void> done = call.backend.members.leave(*group, *member);
  if (!done) co_return done.error();
  co_return no_content();
}

Awaitable<Result<Response>> pause_group(const Call& call) {
  return set_paused(call, true);
}

Awaitable<Result<Response>> resume_group(const Call& call) {
  return set_paused(call, false);
}

}  // namespace daybook::http
