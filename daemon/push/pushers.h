// A pusher for each queue group that has `push`: begun with the group, begun anew where its
// settings change or its queue fails, ended with the group and with the daemon.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "replication/webhook/pusher.h"

namespace daybook {

class Pushers {
 public:
  struct Options {
    std::vector<std::string> allow;  // see replication/webhook/destinations.h
    std::string ca_file;             // empty: the system's certificates alone
  };
  // Fails with bad_value, for a person.
  static Result<std::shared_ptr<const webhook::Poster::World>> open(const Options& options);

  // `source`: of CloudEvents.
  Pushers(IoThreads& threads, GroupPort& groups, QueuePort& queues,
          std::shared_ptr<const webhook::Poster::World> world, std::string source);

  // Any thread. Why these settings may not be a group's (bad_value); nullopt: they may.
  std::optional<Error> refusal(const GroupSettings& settings) const;
  // Any thread: something was put or deleted. Also what begins it all.
  void groups_changed();
  // Any thread: gives back what is leased. Its coroutines are among `net::live_tasks` until then.
  void stop();

 private:
  struct Running;
  void reconcile();
  void begin(const std::string& group, const QueueSettings& settings);
  static void end(const std::shared_ptr<Running>& running);
  Awaitable<void> serve(std::shared_ptr<Running> running);
  std::shared_ptr<webhook::Pusher> pusher_of(const Running& running, std::string key,
                                             std::unique_ptr<webhook::DeliverySource> source) const;
  Awaitable<Result<void>> push(std::shared_ptr<Running> running);

  IoThreads& threads_;
  IoThread& home_;  // the thread of `running_`; pushers are on any
  GroupPort& groups_;
  QueuePort& queues_;
  const std::shared_ptr<const webhook::Poster::World> world_;
  const std::string source_;
  const webhook::Resolver resolver_;
  std::atomic<bool> stopping_{false};
  std::map<std::string, std::shared_ptr<Running>> running_;  // by group; those that end, too
};

}  // namespace daybook
