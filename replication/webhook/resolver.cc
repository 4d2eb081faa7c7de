#include "replication/webhook/resolver.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace daybook::webhook {
namespace {

using boost::asio::ip::tcp;

struct Asker {
  boost::asio::any_io_executor executor;
  std::function<void(Resolved)> done;

  void tell(const Resolved& answer) {
    boost::asio::post(executor, [done = std::move(done), answer] { done(answer); });
  }
};

// Threads whose look-up runs: neither waited for nor ever destroyed.
void leave_behind(std::thread thread) {
  static std::mutex mutex;
  static auto& threads = *new std::vector<std::thread>;
  const std::scoped_lock lock(mutex);
  threads.push_back(std::move(thread));
}

}  // namespace

Resolved look_up(const std::string& host) {
  boost::asio::io_context context;
  boost::system::error_code failed;
  const auto found = tcp::resolver(context).resolve(host, "", failed);
  if (failed) return Error{Errc::io_failed, host + " cannot be resolved: " + failed.message()};
  std::vector<Address> addresses;
  for (const auto& entry : found) {
    const auto address = parse_address(entry.endpoint().address().to_string());
    if (address && std::ranges::find(addresses, *address) == addresses.end())
      addresses.push_back(*address);
  }
  if (addresses.empty()) return Error{Errc::io_failed, host + " has no address"};
  return addresses;
}

struct Resolver::State {
  struct Worker {
    std::thread thread;
    bool is_busy = false;
  };

  explicit State(LookUp with) : look_up(std::move(with)) {}
  void ask(const std::string& host, Asker asker);
  void work(Worker& worker);

  const LookUp look_up;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::vector<Asker>> asked;  // by host
  std::deque<std::string> waiting;                  // those of `asked` that no thread has taken
  bool stopped = false;
  std::array<Worker, threads_count> workers;
};

void Resolver::State::ask(const std::string& host, Asker asker) {
  const std::scoped_lock lock(mutex);
  if (stopped) return;
  const bool is_new = !asked.contains(host);
  if (is_new && asked.size() == hosts_max)
    return asker.tell(Error{Errc::io_failed, host + " is not resolved: too many hosts are"});
  std::vector<Asker>& askers = asked[host];
  if (askers.size() == askers_max)
    return asker.tell(Error{Errc::io_failed, host + " is not resolved: too many wait for it"});
  askers.push_back(std::move(asker));
  if (!is_new) return;
  waiting.push_back(host);
  changed.notify_one();
}

void Resolver::State::work(Worker& worker) {
  ::pthread_setname_np(::pthread_self(), "resolve");
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // Signals are left to the main thread.
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return stopped || !waiting.empty(); });
    if (stopped) return;
    const std::string host = std::move(waiting.front());
    waiting.pop_front();
    worker.is_busy = true;
    lock.unlock();
    const Resolved answer = look_up(host);
    lock.lock();
    worker.is_busy = false;
    if (stopped) return;
    // Under the lock: once the resolver is gone, no executor is used.
    auto answered = asked.extract(host);
    for (Asker& asker : answered.mapped()) asker.tell(answer);
  }
}

Resolver::Resolver(LookUp look_up) : state_(std::make_shared<State>(std::move(look_up))) {
  for (State::Worker& worker : state_->workers)
    worker.thread = std::thread([state = state_, &worker] { state->work(worker); });
}

Resolver::~Resolver() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopped = true;
    state_->asked.clear();
    for (State::Worker& worker : state_->workers)
      if (worker.is_busy) leave_behind(std::move(worker.thread));
  }
  state_->changed.notify_all();
  for (State::Worker& worker : state_->workers)
    if (worker.thread.joinable()) worker.thread.join();
}

Resolve Resolver::on(const boost::asio::any_io_executor& executor) const {
  return [state = state_, executor](const std::string& host, std::function<void(Resolved)> done) {
    state->ask(host, {.executor = executor, .done = std::move(done)});
  };
}

}  // namespace daybook::webhook
