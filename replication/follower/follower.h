// The one loop of all followers: reads a page after the checkpoint, hands it to the sink, again.
// A failure is told once and retried with jitter until it is mended. Never in an append's way: it
// reads what is committed, and nobody waits for it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "replication/follower/backoff.h"
#include "replication/follower/feed.h"
#include "replication/follower/sink.h"
#include "storage/model/follower.h"

namespace daybook {

class Follower : public std::enable_shared_from_this<Follower> {
 public:
  // What an operator is told, on the follower's thread. Not per event, not per attempt.
  struct Listener {
    // The state's phase has changed: `failing` once for all attempts that fail for the same reason.
    std::function<void(const FollowerState&)> changed;
    // The checkpoint has moved.
    std::function<void(Offset)> moved;
  };

  // Everything is used on the executor's thread alone.
  Follower(const boost::asio::any_io_executor& executor, std::string name,
           std::unique_ptr<EventFeed> feed, std::unique_ptr<Sink> sink, Listener listener,
           BackoffBounds backoff = {});
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Follows until `stop`, or until the sink has done what it was for. Shares the follower with
  // whoever asks it.
  static boost::asio::awaitable<void> run(std::shared_ptr<Follower> self);

  // On the executor's thread.
  void stop();
  // Nothing is posted while it is paused; the sink is closed.
  void pause(bool paused);
  // Closes the sink and opens it anew at once, without waiting.
  void reopen();

  // Any thread.
  FollowerState state() const;

 private:
  boost::asio::awaitable<Result<bool>> follow();
  boost::asio::awaitable<Result<bool>> post_next();
  boost::asio::awaitable<Result<bool>> rest();
  boost::asio::awaitable<void> wait_to_retry();
  void interrupt();
  void is_well();
  void failed(const Error& error);
  boost::asio::awaitable<void> wait_for_room();
  void enter(FollowerPhase phase, std::string trouble = {});

  const std::unique_ptr<EventFeed> feed_;
  const std::unique_ptr<Sink> sink_;
  const Listener listener_;
  Backoff backoff_;
  boost::asio::steady_timer pause_;
  bool stopping_ = false;
  bool paused_ = false;
  bool interrupted_ = false;  // since it began to follow: what fails now does so on purpose
  Offset checkpoint_;         // while it follows
  Timestamp opened_at_;
  std::optional<Error> refusal_;  // for good: the log is not the one that was posted

  mutable std::mutex mutex_;  // of `state_`, which this thread alone changes
  FollowerState state_;
};

}  // namespace daybook
