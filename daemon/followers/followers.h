// Everything that follows the log in this daemon: what the configuration asks for, on threads of
// its own, so that neither a slow server nor the encoding of a page holds up a connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/backend/store_log.h"
#include "daemon/config/config.h"
#include "daemon/followers/postgres_followers.h"
#include "daemon/followers/redis_followers.h"
#include "protocol/backend.h"
#include "storage/store.h"

namespace daybook {

class Followers {
 public:
  // All of it outlives the followers.
  struct World {
    const Store& store;
    Writer& writer;
    LogPort& log;
    LogPort& ingested;  // what the ingest appends to: also while the daemon stops
    GroupPort& groups;
  };
  Followers(World world, const config::Config& config);

  void start();
  // The writer thread, after each commit: one atomic load for each thread while nobody waits.
  void committed(const Window& window);
  // Takes over other URLs: what was posted there goes on at the new ones.
  void reload(const config::Config& fresh);
  // They end soon: their coroutines are among `net::live_tasks` until then. `join`, once what they
  // wait for has ended, ends their threads.
  void stop();
  void join();

  // Any thread.
  std::vector<ProjectionInfo> list() const;                         // head and lag aside
  std::shared_ptr<Projection> find(const std::string& name) const;  // nullptr: there is none
  PostgresFollowers* postgres() const { return postgres_.get(); }   // nullptr: it is not used

 private:
  std::string postgres_url_;
  std::string redis_url_;
  std::unique_ptr<PostgresFollowers> postgres_;
  std::unique_ptr<RedisFollowers> redis_;
};

}  // namespace daybook
