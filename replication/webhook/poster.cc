#include "replication/webhook/poster.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <optional>
#include <vector>

#include "protocol/json/utf8.h"
#include "replication/webhook/connection.h"
#include "replication/webhook/retry_after.h"
#include "replication/webhook/signature.h"

namespace daybook::webhook {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kIdleMax{30};
constexpr std::size_t kQuotedBytes = 200;  // reason phrase and body

using OnCancel = std::list<std::function<void()>>;

// Does something when the poster is cancelled, for as long as it lives.
class Cancelled {
 public:
  Cancelled(OnCancel& all, std::function<void()> end)
      : all_(all), place_(all.insert(all.end(), std::move(end))) {}
  ~Cancelled() { all_.erase(place_); }
  Cancelled(const Cancelled&) = delete;
  Cancelled& operator=(const Cancelled&) = delete;

 private:
  OnCancel& all_;
  const OnCancel::iterator place_;
};

// A question to the resolver, shared with it: it may answer long after the deadline.
struct Question {
  explicit Question(const asio::any_io_executor& executor) : answered(executor) {}
  asio::steady_timer answered;
  std::optional<Resolved> answer;
};

// What an endpoint said, in a line.
std::string quoted(const Answer& answer) {
  std::string said = answer.phrase;
  if (!answer.body.empty()) said += ": " + answer.body;
  std::string out = "answered " + std::to_string(answer.status);
  if (!answer.phrase.empty()) out += ' ';
  out += json::cut_utf8(said, kQuotedBytes);
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  std::ranges::replace_if(out, is_control, ' ');
  return out;
}

Outcome outcome_of(const Answer& answer) {
  using Kind = Outcome::Kind;
  if (answer.status / 100 == 2) return {.kind = Kind::acked};
  if (answer.status == 429 || answer.status == 503)
    if (const auto delay = retry_after(answer.retry_after, now()))
      return {.kind = Kind::later, .delay = *delay, .reason = quoted(answer)};
  const bool is_redirect = answer.status / 100 == 3;
  return {.kind = Kind::failed,
          .reason = quoted(answer) + (is_redirect ? " (redirects are not followed)" : "")};
}

Request request_of(const Poster::Target& target, Message message) {
  const std::int64_t timestamp = now().micros / 1'000'000;
  Request request{.headers = {{"content-type", "application/cloudevents+json; charset=utf-8"},
                              {"webhook-id", message.id},
                              {"webhook-timestamp", std::to_string(timestamp)}},
                  .body = std::move(message.body)};
  if (!target.key.empty())
    request.headers.emplace_back(
        "webhook-signature",
        signature(target.key, {.id = message.id, .timestamp = timestamp, .body = request.body}));
  return request;
}

}  // namespace

struct Poster::Parts {
  struct Idle {
    std::unique_ptr<Connection> connection;
    Moment since;
  };

  asio::awaitable<Resolved> addresses(const Url& url, Moment deadline);
  std::unique_ptr<Connection> take_idle(const std::vector<Address>& allowed);
  void keep(std::unique_ptr<Connection> connection);
  asio::awaitable<Result<Answer>> post_on(Connection& connection, const Request& request,
                                          Moment deadline);
  asio::awaitable<Result<Answer>> post_anew(const Url& url, const std::vector<Address>& allowed,
                                            const Request& request, Moment deadline);
  asio::awaitable<Result<Answer>> attempt(Request request, Moment deadline);

  const asio::any_io_executor executor;
  const std::shared_ptr<const World> world;
  const Target target;
  const Resolve resolve;
  std::vector<Idle> idle{};  // the one that was used last is taken first
  OnCancel on_cancel{};
  bool cancelled = false;
};

// Those that the host has now and that are allowed; at least one.
asio::awaitable<Resolved> Poster::Parts::addresses(const Url& url, Moment deadline) {
  std::vector<Address> found;
  if (url.address) {
    found.push_back(*url.address);
  } else {
    const auto question = std::make_shared<Question>(executor);
    question->answered.expires_at(deadline);
    resolve(url.host, [question](Resolved answer) {
      question->answer = std::move(answer);
      question->answered.cancel();
    });
    const Cancelled ends(on_cancel, [question] { question->answered.cancel(); });
    if (!question->answer) co_await question->answered.async_wait(kAsTuple);
    if (!question->answer) co_return Error{Errc::io_failed, url.host + " was not resolved in time"};
    if (!*question->answer) co_return question->answer->error();
    found = std::move(**question->answer);
  }
  std::string refused;
  for (const Address& address : found)
    if (!world->destinations.allows(url, address)) refused += ' ' + address.to_string();
  std::erase_if(found,
                [&](const Address& address) { return !world->destinations.allows(url, address); });
  if (found.empty())
    co_return Error{Errc::io_failed,
                    url.host + " is at" + refused + ", where webhook.allow lets nothing be pushed"};
  co_return found;
}

std::unique_ptr<Connection> Poster::Parts::take_idle(const std::vector<Address>& allowed) {
  const Moment oldest = steady_clock::now() - kIdleMax;
  std::erase_if(idle, [&](const Idle& one) {
    return one.since < oldest ||
           std::ranges::find(allowed, one.connection->address()) == allowed.end() ||
           !one.connection->is_reusable();
  });
  if (idle.empty()) return nullptr;
  auto connection = std::move(idle.back().connection);
  idle.pop_back();
  return connection;
}

void Poster::Parts::keep(std::unique_ptr<Connection> connection) {
  if (connection->is_reusable() && idle.size() < target.idle_connections_max)
    idle.push_back({.connection = std::move(connection), .since = steady_clock::now()});
}

asio::awaitable<Result<Answer>> Poster::Parts::post_on(Connection& connection,
                                                       const Request& request, Moment deadline) {
  if (cancelled) co_return Error();
  const Cancelled ends(on_cancel, [&connection] { connection.close(); });
  co_return co_await connection.post(request, deadline);
}

asio::awaitable<Result<Answer>> Poster::Parts::post_anew(const Url& url,
                                                         const std::vector<Address>& allowed,
                                                         const Request& request, Moment deadline) {
  Error failed;
  auto left = static_cast<int>(allowed.size());
  for (const Address& address : allowed) {
    if (cancelled) break;
    // An address that does not answer leaves time for those behind it.
    const Moment now = steady_clock::now();
    const Moment until = now + (deadline - now) / left--;
    auto connection = std::make_unique<Connection>(executor, url, address);
    Result<void> opened;
    {
      const Cancelled ends(on_cancel, [&connection] { connection->close(); });
      opened = co_await connection->open(world->trust, until);
    }
    if (opened) {
      auto answer = co_await post_on(*connection, request, deadline);
      if (answer) keep(std::move(connection));
      co_return answer;
    }
    failed = opened.error();
    failed.detail = address.to_string() + ' ' + failed.detail;
  }
  co_return failed;
}

asio::awaitable<Result<Answer>> Poster::Parts::attempt(Request request, Moment deadline) {
  const auto url = world->destinations.check(target.url);
  if (!url) co_return url.error();
  const auto allowed = co_await addresses(*url, deadline);
  if (!allowed) co_return allowed.error();
  if (auto connection = take_idle(*allowed)) {
    auto answer = co_await post_on(*connection, request, deadline);
    const bool was_closed =
        !answer && !connection->was_answered() && !cancelled && steady_clock::now() < deadline;
    if (answer) keep(std::move(connection));
    if (!was_closed) co_return answer;
  }
  co_return co_await post_anew(*url, *allowed, request, deadline);
}

Poster::Poster(const asio::any_io_executor& executor, std::shared_ptr<const World> world,
               Target target, Resolve resolve)
    : parts_(new Parts{.executor = executor,
                       .world = std::move(world),
                       .target = std::move(target),
                       .resolve = std::move(resolve)}) {}

Poster::~Poster() = default;

asio::awaitable<Outcome> Poster::post(Message message) {
  Outcome cancelled{.kind = Outcome::Kind::cancelled};
  if (parts_->cancelled) co_return cancelled;
  const Moment deadline = steady_clock::now() + parts_->target.timeout;
  Request request = request_of(parts_->target, std::move(message));
  auto answer = co_await parts_->attempt(std::move(request), deadline);
  if (answer) co_return outcome_of(*answer);
  if (parts_->cancelled) co_return cancelled;
  co_return Outcome{.kind = Outcome::Kind::failed, .reason = answer.error().detail};
}

void Poster::cancel() {
  parts_->cancelled = true;
  for (const auto& end : parts_->on_cancel) end();
}

}  // namespace daybook::webhook
