#include "daemon/delivery/hall.h"

#include "daemon/net/spawn.h"

namespace daybook {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};

}  // namespace

Hall::Hall(IoThread& io, const DeskTools& tools, Directory& directory)
    : io_(io), tools_(tools), directory_(directory), sweep_(io.context()) {}

Desk* Hall::find(const std::string& desk) {
  const auto found = desks_.find(desk);
  return found == desks_.end() ? nullptr : found->second.get();
}

Desk* Hall::open(const std::string& name) {
  if (Desk* known = find(name)) return known;
  if (stopped_) return nullptr;
  auto desk = std::make_unique<Desk>(io_, tools_, pace_, name, directory_.open(name),
                                     directory_.replays_to(name));
  Desk& opened = *desks_.emplace(name, std::move(desk)).first->second;
  net::spawn(io_.context(), "desk", serve(opened, name));
  if (!sweeps_) sweep_later();
  return &opened;
}

Awaitable<void> Hall::serve(Desk& desk, std::string name) {
  co_await desk.run();
  directory_.close(name);
  desks_.erase(name);
}

void Hall::sweep_later() {
  sweeps_ = !desks_.empty() && !stopped_;
  if (!sweeps_) return;
  sweep_.expires_after(kSweepInterval);
  sweep_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    const Moment now = std::chrono::steady_clock::now();
    for (auto& [name, desk] : desks_) desk->sweep(now);
    sweep_later();
  });
}

void Hall::stop() {
  stopped_ = true;
  sweep_.cancel();
  for (auto& [name, desk] : desks_) desk->stop();
}

}  // namespace daybook
