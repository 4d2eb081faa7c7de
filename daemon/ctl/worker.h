// Runs a command for each event of a queue group.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/ctl/background_request.h"
#include "daemon/ctl/child.h"
#include "daemon/ctl/lease_news.h"
#include "daemon/ctl/stop_signals.h"

namespace daybook::ctl {

struct Work {
  std::string group;
  std::string member;
  std::vector<std::string> command;
  std::size_t parallel = 4;
  std::optional<std::chrono::milliseconds> max_runtime;  // of one run; then it is killed
  std::optional<std::chrono::milliseconds> idle;         // ends when nothing came for so long
  std::optional<std::uint64_t> count;                    // ends after so many events
};

// One thread polls the commands, the signals and the fetch under way; it asks for no more events
// than it has places to run a command. The first stop signal lets what runs finish, the
// second does not. Without the daemon it goes on with what it has, and looks for it.
class Worker {
 public:
  // Throws Failure where there is no such queue, here and in `run` where the daemon refuses.
  Worker(Context& context, Work work);
  // Kills what still runs, and leaves the group: its leases are free at once. Takes about a second
  // where the daemon does not answer.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Until the work is over. Throws Failure (usage) where the command cannot be run.
  void run();

 private:
  using Clock = DaemonLink::Clock;
  struct Place {  // of a command that runs
    Lease lease;
    std::unique_ptr<Child> child;
    std::optional<Clock::time_point> deadline;
    bool is_killed = false;  // by its deadline
    bool has_lease = true;
  };

  bool is_over() const;
  void ask_for_events();
  void wait();
  void stop();
  void take_events();
  void start(Lease lease, std::string_view event);
  void tend();
  void end(const Place& place, int status);
  void extend_leases();
  void tell();
  void warn(const std::string& text);

  Context& context_;
  const Work work_;
  const std::string path_;  // of the group
  StopSignals signals_;     // before the first thread is started
  client::HttpClient http_;
  BackgroundRequest fetch_;
  DaemonLink link_;
  LeaseNews news_;
  Clock::duration extend_every_{};

  std::vector<Place> places_;
  std::vector<Lease> unwanted_;  // came after the stop: kept until the group is left
  Clock::time_point extend_at_;
  Clock::time_point busy_at_;  // the last time that there was something to do
  std::uint64_t started_ = 0;
  std::uint64_t lost_ = 0;
  bool is_stopping_ = false;
  bool is_killed_ = false;
};

}  // namespace daybook::ctl
