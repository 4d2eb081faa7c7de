// A follower that is kept running, and begun with a fresh sink where its settings have changed.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/followers/reached.h"
#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "replication/follower/follower.h"

namespace daybook {

class RunningFollower : public std::enable_shared_from_this<RunningFollower> {
 public:
  // On `thread`, as long as it runs.
  struct Owner {
    std::function<std::unique_ptr<Sink>()> make_sink;
    std::function<void()> follows = [] {};   // it posts, for the first time or again
    std::function<void()> finished = [] {};  // the sink has done what it was for
  };
  RunningFollower(IoThread& thread, LogPort& log, std::string name, Owner owner);
  RunningFollower(const RunningFollower&) = delete;
  RunningFollower& operator=(const RunningFollower&) = delete;

  // Any thread. nullopt: it does not run.
  std::optional<FollowerState> state() const;
  // True once everything up to the offset is posted, false once `at_most` is over. What was reached
  // before a `stop` is forgotten.
  Awaitable<bool> reach(Offset offset, std::chrono::milliseconds at_most);

  // On its thread, here and below. Runs until `stop` or until it is finished; after a `stop` it
  // begins anew.
  void start();
  void stop();
  Awaitable<void> ended();
  void pause(bool paused);  // kept over `stop`
  void reopen();

 private:
  static Awaitable<void> run(std::shared_ptr<RunningFollower> self);
  std::shared_ptr<Follower> make();
  void show(std::shared_ptr<Follower> follower);
  void changed(const FollowerState& state);

  IoThread& thread_;
  LogPort& log_;
  const std::string name_;
  const Owner owner_;
  const std::shared_ptr<Reached> reached_ = std::make_shared<Reached>();

  // Its thread.
  bool wanted_ = false;
  bool runs_ = false;
  bool paused_ = false;
  std::uint64_t stops_ = 0;
  std::uint64_t late_before_ = 0;  // that were posted late when it last ceased to follow
  boost::asio::steady_timer ended_;

  mutable std::mutex mutex_;
  std::shared_ptr<Follower> follower_;  // its thread alone changes it; nullptr: none runs
};

}  // namespace daybook
