// A member of a queue group that POSTs what it is given: 2xx acks, everything else nacks. The order
// of an aggregate comes from the leases, so what came may be under way side by side. Of one thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/webhook/poster.h"
#include "storage/base/result.h"
#include "storage/model/query.h"
#include "storage/model/queue.h"

namespace daybook::webhook {

// Where events come from, and where it goes what became of them. To destroy it is to be lost.
class DeliverySource {
 public:
  virtual ~DeliverySource() = default;

  struct Tag {
    Attempt attempt = 0;
    std::string replay_id;  // empty: of the group itself
  };
  struct Batch {
    Page page;
    std::vector<Tag> tags;  // one for each event
  };
  // Resumes with leased events, `max` at most; with none after `wake`. One call at a time.
  virtual boost::asio::awaitable<Result<Batch>> next(std::uint32_t max) = 0;
  virtual void wake() = 0;

  struct Lease : Tag {
    Offset offset;
  };
  // Each resumes once it is done. What fails or is refused was not done: the event is delivered
  // again.
  virtual boost::asio::awaitable<void> ack(Lease lease) = 0;
  // Without a delay: after the group's back-off.
  virtual boost::asio::awaitable<void> nack(Lease lease,
                                            std::optional<std::chrono::milliseconds> delay,
                                            std::string reason) = 0;
  virtual boost::asio::awaitable<void> extend(Lease lease) = 0;

  // Gives back what is leased: that is no failure.
  virtual void leave() = 0;
};

// Its coroutines share it: they may outlive whoever started it.
class Pusher {
 public:
  struct Settings {
    std::string group;
    std::string source;          // of CloudEvents
    std::uint32_t parallel = 8;  // attempts under way
    std::chrono::milliseconds ack_timeout{30'000};
  };
  // Starts a coroutine on the executor.
  using Spawn = std::function<void(boost::asio::awaitable<void>)>;

  Pusher(const boost::asio::any_io_executor& executor, Settings settings,
         std::unique_ptr<DeliverySource> source, std::unique_ptr<Poster> poster, Spawn spawn);
  Pusher(const Pusher&) = delete;
  Pusher& operator=(const Pusher&) = delete;

  // Pushes until `stop`, or until the source fails: with its error then. No attempt is under way
  // when it returns, and the source was left.
  static boost::asio::awaitable<Result<void>> run(std::shared_ptr<Pusher> self);

  // Ends the attempts that are under way: whether they arrived is not known, so they are made
  // again.
  void stop();

 private:
  struct UnderWay {
    DeliverySource::Lease lease;
    std::chrono::steady_clock::time_point begun;
  };
  struct Task;
  struct Attempting;
  using Place = std::list<UnderWay>::iterator;

  void spawn(boost::asio::awaitable<void> task);
  static void begin(const std::shared_ptr<Pusher>& self, const DeliverySource::Batch& batch);
  Message message(const EventView& event, const DeliverySource::Lease& lease) const;
  static boost::asio::awaitable<void> deliver(std::shared_ptr<Pusher> self, Place place,
                                              Message message);
  static boost::asio::awaitable<void> keep_leases(std::shared_ptr<Pusher> self);

  const Settings settings_;
  const std::unique_ptr<DeliverySource> source_;
  const std::unique_ptr<Poster> poster_;
  const Spawn spawn_;
  std::list<UnderWay> under_way_;
  std::size_t tasks_ = 0;  // coroutines of its own, `run` aside
  bool stopping_ = false;
  boost::asio::steady_timer task_ended_;
  boost::asio::steady_timer next_look_;  // at leases
};

}  // namespace daybook::webhook
