// One projection while the daemon runs: a follower, and what it is shown as.
#pragma once

#include <memory>
#include <string>

#include "daemon/followers/running_follower.h"
#include "protocol/backend.h"

namespace daybook {

class Projection {
 public:
  // Its follower runs on `thread`.
  Projection(IoThread& thread, LogPort& log, std::string name, RunningFollower::Owner owner)
      : thread_(thread),
        live_(std::make_shared<RunningFollower>(thread, log, name, std::move(owner))),
        name_(std::move(name)) {}
  virtual ~Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  // Any thread.
  IoThread& thread() const { return thread_; }
  const std::string& name() const { return name_; }
  virtual ProjectionInfo info() const;  // head and lag aside
  const std::shared_ptr<RunningFollower>& live() const { return live_; }

  // On its thread, here and below.
  virtual void start() { live_->start(); }
  virtual void stop() { live_->stop(); }
  // A restart of the daemon forgets it.
  virtual void pause(bool paused) { live_->pause(paused); }

 private:
  IoThread& thread_;
  const std::shared_ptr<RunningFollower> live_;
  const std::string name_;
};

}  // namespace daybook
