#include "tests/protocol/fake_projections.h"

namespace daybook::testing {

Result<ProjectionInfo*> FakeProjections::at(const std::string& name) {
  const auto found = projections.find(name);
  if (found == projections.end()) return Error{Errc::not_found, "there is no projection"};
  return &found->second;
}

std::vector<ProjectionInfo> FakeProjections::list() const {
  std::vector<ProjectionInfo> all;
  for (const auto& [name, projection] : projections) all.push_back(projection);
  return all;
}

Awaitable<Result<ProjectionInfo>> FakeProjections::find(std::string name) {
  const auto found = at(name);
  if (!found) co_return found.error();
  co_return **found;
}

Awaitable<Result<void>> FakeProjections::reach(std::string name, Offset offset,
                                               std::chrono::milliseconds) {
  const auto found = at(name);
  if (!found) co_return found.error();
  if ((*found)->follower.checkpoint < offset) co_return Error{Errc::not_yet, "not yet"};
  co_return Result<void>();
}

Awaitable<Result<ProjectionInfo>> FakeProjections::rebuild(std::string name) {
  const auto found = at(name);
  if (!found) co_return found.error();
  if ((*found)->kind == ProjectionKind::redis) co_return Error{Errc::wrong_mode, "of Redis"};
  (*found)->build = FollowerState{.name = name};
  co_return **found;
}

Awaitable<Result<ProjectionInfo>> FakeProjections::pause(std::string name, bool paused) {
  const auto found = at(name);
  if (!found) co_return found.error();
  (*found)->follower.phase = paused ? FollowerPhase::paused : FollowerPhase::following;
  co_return **found;
}

Awaitable<Result<ProjectionFailures>> FakeProjections::failures(ListFailures list) {
  const auto found = at(list.name);
  if (!found) co_return found.error();
  if (away) co_return *away;
  listed = list;
  co_return failed[list.name];
}

Awaitable<Result<ProjectionRetried>> FakeProjections::retry(std::string name,
                                                            std::vector<Offset> offsets) {
  const auto found = at(name);
  if (!found) co_return found.error();
  if (away) co_return *away;
  retried = offsets;
  co_return ProjectionRetried{.posted = offsets.size()};
}

Awaitable<Result<ProjectionPort::Put>> FakeProjections::put(std::string name,
                                                            std::string definition) {
  if (away) co_return *away;
  const bool created = !projections.contains(name);
  ProjectionInfo& projection = projections[name];
  projection.follower.name = name;
  projection.kind = ProjectionKind::read_model;
  projection.definition = std::move(definition);
  Put put{.projection = projection, .created = created};
  co_return put;
}

Awaitable<Result<void>> FakeProjections::remove(std::string name) {
  const auto found = at(name);
  if (!found) co_return found.error();
  if (away) co_return *away;
  projections.erase(name);
  co_return Result<void>();
}

}  // namespace daybook::testing
