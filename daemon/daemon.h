// The daemon: builds its parts, connects them, stops them in the reverse order. Decides nothing.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "daemon/backend/metrics.h"
#include "daemon/backend/store_aggregates.h"
#include "daemon/backend/store_dead_letters.h"
#include "daemon/backend/store_groups.h"
#include "daemon/backend/store_log.h"
#include "daemon/backend/store_operations.h"
#include "daemon/backend/store_queues.h"
#include "daemon/backend/store_replays.h"
#include "daemon/config/config.h"
#include "daemon/followers/followers.h"
#include "daemon/followers/projections.h"
#include "daemon/net/server.h"
#include "daemon/push/pushers.h"
#include "daemon/threads/committer.h"
#include "daemon/threads/index_thread.h"
#include "daemon/threads/io_thread.h"
#include "daemon/threads/keeper.h"
#include "daemon/threads/read_pool.h"
#include "storage/store.h"

namespace daybook {

class Daemon {
 public:
  // `on_failure` is called, on whichever thread, when the daemon cannot go on: call `stop` then.
  // `file_system` holds the log, where it is not the operating system's.
  Daemon(config::Config config, std::function<void()> on_failure,
         engine::FileSystem* file_system = nullptr);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Listens, opens the log, serves. Fails with what a person has to know. Where the index has to be
  // brought up to the book, that goes on after this has returned: see `GET /health/ready`.
  Result<void> start();
  // Where it listens: "host:port".
  const std::vector<std::string>& endpoints() const { return server_.endpoints(); }
  // SIGHUP: reopens the log file, takes over what may change.
  void reload(const config::Config& fresh);
  // Ends everything within seconds; nothing acknowledged is lost. False: it had failed.
  bool stop();

 private:
  // The parts that need the log.
  struct Parts {
    Parts(Daemon& daemon, std::unique_ptr<Store> log,
          std::shared_ptr<const webhook::Poster::World> endpoints);

    std::unique_ptr<Store> store;
    Metrics metrics;
    ReadPool readers;
    IndexThread index;
    Keeper keeper;
    Committer committer;
    Dispatcher dispatcher;
    Writer writer;
    StoreLog log;
    StoreLog ingested;  // also takes what was received before a stop
    StoreAggregates aggregates;
    StoreGroups groups;
    StoreQueues queues;
    StoreDeadLetters dead_letters;
    StoreReplays replays;
    Pushers pushers;
    Followers followers;
    Projections projections;
    StoreOperations operations;
    Backend backend{log,          aggregates, groups,      groups,    queues,
                    dead_letters, replays,    projections, operations};
  };

  Result<std::unique_ptr<Store>> open_store();
  IndexThread::Listener index_listener();
  void rebuilt_more();
  void recovered(const std::string& data_dir);
  void committed(const CommitFacts& commit);
  void fail(const Error& error);
  std::optional<Error> refusal() const;
  std::optional<Error> disk_refusal() const;
  std::string trouble() const;

  config::Config config_;
  const std::function<void()> on_failure_;
  engine::FileSystem* const file_system_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> stopping_{false};
  IoThreads threads_;
  net::Server server_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace daybook
