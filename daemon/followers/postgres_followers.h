// The projections in PostgreSQL: which there are, on a thread of their own. The table of events and
// those that the configuration declares are there from the start; those that clients declared are
// found in the database once it is connected.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "daemon/followers/postgres_projection.h"
#include "daemon/followers/stop_signal.h"
#include "daemon/threads/io_thread.h"
#include "protocol/backend.h"
#include "storage/model/read_model.h"

namespace daybook {

class PostgresFollowers {
 public:
  struct Settings {
    std::string target;
    std::uint32_t page_events = 10'000;
    std::string log_id;
    std::vector<ReadModel> declared;  // by the configuration
  };
  PostgresFollowers(LogPort& log, Settings settings);
  ~PostgresFollowers();  // ends the thread
  PostgresFollowers(const PostgresFollowers&) = delete;
  PostgresFollowers& operator=(const PostgresFollowers&) = delete;

  // Any thread.
  IoThread& thread() { return thread_; }
  void start();
  void change_target(std::string target);
  // They end soon: their coroutines are among `net::live_tasks` until then.
  void stop();
  using Ptr = PostgresProjection::Ptr;
  std::vector<Ptr> all() const;
  Ptr find(const std::string& name) const;  // nullptr: there is none

  // On its thread: what ends with the followers, though a server does not answer.
  StopSignal& stopping() { return stopping_; }
  // On its thread; see ProjectionPort. `put`: true where the projection is new.
  Awaitable<Result<bool>> put(std::string name, std::string definition);
  Awaitable<Result<void>> remove(std::string name);

 private:
  Ptr add(PostgresProjection::Settings settings);
  Ptr add(const ReadModel& model, bool is_configured);
  void erase(const std::string& name);
  void look_around();
  Awaitable<void> find_kept();
  void found(const std::string& name, const std::string& definition, bool is_building);
  Awaitable<Result<bool>> declare(ReadModel model);
  Awaitable<Result<bool>> begin(ReadModel model);
  Awaitable<Result<bool>> redefine(Ptr projection, std::string definition);
  Awaitable<Result<void>> drop(Ptr projection);

  IoThread thread_{"postgres"};
  LogPort& log_;
  // Its thread, after the construction.
  Settings settings_;
  StopSignal stopping_{thread_.context()};
  bool looked_ = false;             // for what the database keeps
  std::set<std::string> changing_;  // what is being put or removed
  mutable std::mutex mutex_;
  std::map<std::string, Ptr> projections_;  // its thread alone changes it
};

}  // namespace daybook
