#include "replication/redis/ingest.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

#include "replication/redis/ingest_message.h"
#include "replication/redis/repeats.h"
#include "storage/base/random.h"

namespace daybook::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kNotReceived =
    "; what is published meanwhile is not received, Redis keeps none of it";

// The log may take it later.
bool may_pass(Errc code) {
  return code == Errc::overloaded || code == Errc::recovering || code == Errc::disk_full ||
         code == Errc::io_failed || code == Errc::shutting_down;
}

std::size_t bytes_of(const IngestMessage& message) {
  return message.channel.size() + message.text.size();
}

}  // namespace

// Two loops with a bounded queue between them: one receives, one appends.
struct Ingest::Session {
  Session(const asio::any_io_executor& executor, Settings with, std::unique_ptr<IngestTarget> to,
          std::function<void(const FollowerState&)> listener);

  // Until `stop`, at most `time`, whatever else wakes the timer.
  asio::awaitable<void> pause(asio::steady_timer& timer, milliseconds time);
  asio::awaitable<void> receive_all();
  asio::awaitable<Error> receive_until_lost();
  asio::awaitable<void> append_all();
  asio::awaitable<Result<void>> append_next();
  bool has_room() const;
  void take(Reply reply);
  void appended(std::size_t count);
  void refused(std::size_t count, const Error& error);
  void show(bool stopped = false);

  const Settings settings;
  const std::unique_ptr<IngestTarget> target;
  const std::function<void(const FollowerState&)> changed;
  Connection connection;
  bool stopping = false;

  std::deque<IngestMessage> waiting;  // until they are appended
  std::size_t waiting_bytes = 0;
  std::size_t one_by_one = 0;   // so many of them are appended alone: together they were refused
  asio::steady_timer received;  // the loop that appends waits here
  asio::steady_timer taken;     // the loop that receives waits here
  Repeats repeats;

  bool is_subscribed = false;
  steady_clock::time_point subscribed_at;
  std::string receive_trouble;
  std::string append_trouble;
  mutable std::mutex mutex;  // of what follows, which its thread alone changes
  FollowerState state;
  std::uint64_t interruptions = 0;
};

Ingest::Session::Session(const asio::any_io_executor& executor, Settings with,
                         std::unique_ptr<IngestTarget> to,
                         std::function<void(const FollowerState&)> listener)
    : settings(std::move(with)),
      target(std::move(to)),
      changed(std::move(listener)),
      connection(executor, settings.connection),
      received(executor),
      taken(executor) {
  state.name = "redis-ingest";
  state.since = now();
}

asio::awaitable<void> Ingest::Session::pause(asio::steady_timer& timer, milliseconds time) {
  const auto until = steady_clock::now() + time;
  while (!stopping && steady_clock::now() < until) {
    timer.expires_at(until);
    co_await timer.async_wait(kAsTuple);
  }
}

asio::awaitable<void> Ingest::Session::receive_all() {
  Backoff backoff(settings.backoff);
  while (!stopping) {
    const Error lost = co_await receive_until_lost();
    connection.close();
    if (stopping) co_return;
    if (is_subscribed) {
      if (steady_clock::now() - subscribed_at > settings.backoff.longest) backoff.reset();
      const std::scoped_lock lock(mutex);
      ++interruptions;
    }
    is_subscribed = false;
    receive_trouble = lost.detail + std::string(kNotReceived);
    show();
    const milliseconds wait = backoff.next(random_number());
    co_await pause(taken, wait);
  }
}

asio::awaitable<Error> Ingest::Session::receive_until_lost() {
  const Result<void> opened = co_await connection.open();
  if (!opened) co_return opened.error();
  std::vector<std::string_view> words{"PSUBSCRIBE"};
  words.insert(words.end(), settings.patterns.begin(), settings.patterns.end());
  const std::span<const std::string_view> command = words;
  Result<Reply> reply = co_await connection.ask(command);
  if (!reply) co_return reply.error();
  is_subscribed = true;
  subscribed_at = steady_clock::now();
  receive_trouble.clear();
  repeats = Repeats();
  show();
  while (reply) {
    take(std::move(*reply));
    while (!has_room() && !stopping) {
      taken.expires_at(asio::steady_timer::time_point::max());
      co_await taken.async_wait(kAsTuple);
    }
    reply = co_await connection.receive();
  }
  co_return reply.error();
}

bool Ingest::Session::has_room() const {
  return waiting.size() < settings.messages_max && waiting_bytes < settings.bytes_max;
}

// ["pmessage", pattern, channel, text]; the answers to PSUBSCRIBE have another first word.
void Ingest::Session::take(Reply reply) {
  std::vector<Reply>& parts = reply.elements;
  if (parts.size() != 4 || parts[0].text != "pmessage") return;
  if (settings.patterns.size() > 1 &&
      repeats.is_repeat(parts[1].text, parts[2].text, parts[3].text))
    return;
  waiting.push_back({.channel = std::move(parts[2].text), .text = std::move(parts[3].text)});
  waiting_bytes += bytes_of(waiting.back());
  received.cancel();
}

asio::awaitable<void> Ingest::Session::append_all() {
  Backoff backoff(settings.backoff);
  for (;;) {
    if (waiting.empty()) {
      if (stopping) co_return;
      received.expires_at(asio::steady_timer::time_point::max());
      co_await received.async_wait(kAsTuple);
      continue;
    }
    const Result<void> done = co_await append_next();
    if (done) {
      backoff.reset();
      continue;
    }
    append_trouble = done.error().detail;
    if (stopping) {
      append_trouble = std::to_string(waiting.size()) + " messages are lost: " + append_trouble;
      co_return;
    }
    show();
    const milliseconds wait = backoff.next(random_number());
    co_await pause(received, wait);
  }
}

// Fails where it has to be tried again.
asio::awaitable<Result<void>> Ingest::Session::append_next() {
  const std::size_t count =
      one_by_one > 0 ? 1 : std::min(waiting.size(), settings.limits.batch_events_max);
  std::vector<Append> appends;
  for (std::size_t i = 0; i < count; ++i)
    appends.push_back(read_message(waiting[i], settings.limits));
  Append append = joined(std::move(appends));
  append.seal(now(), random_number());
  const Result<void> done = co_await target->append(std::move(append));
  if (done)
    appended(count);
  else if (may_pass(done.error().code) || (count == 1 && waiting.front().without_text))
    co_return done.error();
  else
    refused(count, done.error());
  co_return Result<void>();
}

void Ingest::Session::appended(std::size_t count) {
  std::uint64_t refusals = 0;
  for (std::size_t i = 0; i < count; ++i) {
    refusals += waiting.front().refusal.empty() ? 0 : 1;
    waiting_bytes -= bytes_of(waiting.front());
    waiting.pop_front();
  }
  one_by_one -= std::min(one_by_one, count);
  {
    const std::scoped_lock lock(mutex);
    state.events += count;
    state.failures += refusals;
  }
  append_trouble.clear();
  show();
  taken.cancel();
}

// For good. Which of several it was is found by appending them alone; that one becomes an event
// that tells of it, in the end without its text.
void Ingest::Session::refused(std::size_t count, const Error& error) {
  IngestMessage& first = waiting.front();
  if (count > 1)
    one_by_one = count;
  else if (first.refusal.empty())
    first.refusal = error.detail;
  else
    first.without_text = true;
}

void Ingest::Session::show(bool stopped) {
  std::string trouble = append_trouble.empty() ? receive_trouble : append_trouble;
  const auto phase = stopped            ? FollowerPhase::stopped
                     : !trouble.empty() ? FollowerPhase::failing
                     : is_subscribed    ? FollowerPhase::following
                                        : FollowerPhase::connecting;
  if (phase == state.phase && trouble == state.trouble) return;
  {
    const std::scoped_lock lock(mutex);
    state.phase = phase;
    state.trouble = std::move(trouble);
    state.since = now();
  }
  if (changed) changed(state);
}

Ingest::Ingest(const asio::any_io_executor& executor, Settings settings,
               std::unique_ptr<IngestTarget> target,
               std::function<void(const FollowerState&)> changed)
    : session_(std::make_unique<Session>(executor, std::move(settings), std::move(target),
                                         std::move(changed))) {}

Ingest::~Ingest() = default;

asio::awaitable<void> Ingest::run(std::shared_ptr<Ingest> self) {
  using namespace asio::experimental::awaitable_operators;
  Session& session = *self->session_;
  auto receiving = session.receive_all();
  auto appending = session.append_all();
  co_await (std::move(receiving) && std::move(appending));
  session.show(true);
}

void Ingest::stop() {
  session_->stopping = true;
  session_->connection.close();
  session_->received.cancel();
  session_->taken.cancel();
}

FollowerState Ingest::state() const {
  const std::scoped_lock lock(session_->mutex);
  return session_->state;
}

std::uint64_t Ingest::interruptions() const {
  const std::scoped_lock lock(session_->mutex);
  return session_->interruptions;
}

}  // namespace daybook::redis
