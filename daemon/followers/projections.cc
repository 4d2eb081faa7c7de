#include "daemon/followers/projections.h"

namespace daybook {
namespace {

Error unknown(const std::string& name) {
  return {Errc::not_found, "there is no projection \"" + name + "\""};
}

}  // namespace

std::vector<ProjectionInfo> Projections::list() const {
  return {};
}

Awaitable<Result<ProjectionInfo>> Projections::find(std::string name) {
  co_return unknown(name);
}

Awaitable<Result<void>> Projections::reach(std::string name, Offset, std::chrono::milliseconds) {
  co_return unknown(name);
}

Awaitable<Result<ProjectionInfo>> Projections::rebuild(std::string name) {
  co_return unknown(name);
}

Awaitable<Result<ProjectionInfo>> Projections::pause(std::string name, bool) {
  co_return unknown(name);
}

Awaitable<Result<ProjectionFailures>> Projections::failures(ListFailures list) {
  co_return unknown(list.name);
}

Awaitable<Result<ProjectionRetried>> Projections::retry(std::string name, std::vector<Offset>) {
  co_return unknown(name);
}

Awaitable<Result<ProjectionPort::Put>> Projections::put(std::string name, std::string) {
  co_return unknown(name);
}

Awaitable<Result<void>> Projections::remove(std::string name) {
  co_return unknown(name);
}

}  // namespace daybook
