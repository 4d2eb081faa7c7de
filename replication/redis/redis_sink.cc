#include "replication/redis/redis_sink.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>

#include "replication/redis/message.h"
#include "replication/redis/previous_offsets.h"

namespace daybook::redis {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// While Redis works on a batch, the next is encoded. One that fits into the buffers of a socket is
// sent without waiting.
constexpr std::size_t kBatchBytes = 256 << 10;
// With nothing to post, how often it is asked whether Redis is there and still a primary.
constexpr milliseconds kCheckEvery{10'000};

// Messages of one form.
struct Output {
  ChannelTemplate channel;
  MessageForm form;
  bool has_place;
  PreviousOffsets previous;
};

std::vector<Output> outputs_of(const SinkSettings& settings) {
  std::vector<Output> outputs;
  const auto add = [&](const ChannelTemplate& channel, MessageForm form) {
    const bool has_place = form == MessageForm::native || settings.envelope;
    outputs.push_back({channel, form, has_place, PreviousOffsets()});
  };
  add(ChannelTemplate::parse("events:{aggregate_type}").value(), MessageForm::full);
  if (!settings.legacy_channel.empty())
    add(ChannelTemplate::parse(settings.legacy_channel).value(), MessageForm::legacy);
  for (const ChannelTemplate& channel : settings.channels) add(channel, MessageForm::native);
  return outputs;
}

struct Batch {
  Entries entries;  // of streams
  Commands messages;
  Offset upto;
};

milliseconds until(steady_clock::time_point due) {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(due - steady_clock::now()));
}

}  // namespace

struct RedisSink::Session {
  Session(const asio::any_io_executor& executor, SinkSettings with,
          std::unique_ptr<CheckpointStore> store, std::unique_ptr<EventFeed> of)
      : settings(std::move(with)),
        checkpoints(std::move(store)),
        feed(std::move(of)),
        connection(executor, settings.connection),
        outputs(outputs_of(settings)) {
    if (settings.stream.key) mirror.emplace(settings.stream, *feed);
  }

  asio::awaitable<Result<void>> begin();
  // From the event at `next` on, which it moves.
  asio::awaitable<Result<Batch>> encode(const Page& page, std::size_t& next);
  asio::awaitable<Result<void>> add_messages(Commands& messages, const EventView& event);
  asio::awaitable<Result<void>> send(Batch batch);
  asio::awaitable<Result<void>> check();
  asio::awaitable<Result<void>> save();
  bool has_unsaved() const { return *published > saved; }

  const SinkSettings settings;
  const std::unique_ptr<CheckpointStore> checkpoints;
  const std::unique_ptr<EventFeed> feed;
  Connection connection;
  std::vector<Output> outputs;
  std::optional<Mirror> mirror;

  std::optional<Offset> published;  // nullopt: not known before it was first opened
  bool closed = false;              // while it begins
  Offset mirrored;
  Offset saved;
  steady_clock::time_point save_due;
  steady_clock::time_point check_due;
};

// Where it begins is decided before there is a connection: what is appended while Redis is not
// there is published once it is.
asio::awaitable<Result<void>> RedisSink::Session::begin() {
  const std::optional<Offset> checkpoint = checkpoints->load();
  if (checkpoint && settings.start == ColdStart::checkpoint) {
    published = saved = *checkpoint;
    co_return Result<void>();
  }
  const Offset head = feed->head();
  const Result<void> kept = co_await checkpoints->save(head);
  if (kept) published = saved = head;
  co_return kept;
}

asio::awaitable<Result<Batch>> RedisSink::Session::encode(const Page& page, std::size_t& next) {
  Batch batch;
  while (next < page.events.size()) {
    const EventView& event = page.events[next++];
    if (mirror && event.offset > mirrored) mirror->add(batch.entries, event);
    if (event.offset > *published) {
      const Result<void> added = co_await add_messages(batch.messages, event);
      if (!added) co_return added.error();
    }
    batch.upto = event.offset;
    if (batch.entries.bytes + batch.messages.bytes.size() >= kBatchBytes) break;
  }
  if (next == page.events.size()) batch.upto = page.examined;
  co_return batch;
}

asio::awaitable<Result<void>> RedisSink::Session::add_messages(Commands& messages,
                                                               const EventView& event) {
  std::string message;
  for (Output& output : outputs) {
    const std::string channel = output.channel.of(event);
    std::optional<Place> place;
    if (output.has_place) {
      const Result<Offset> previous =
          co_await output.previous.replace(*feed, output.channel, channel, event);
      if (!previous) co_return previous.error();
      place = Place{.offset = event.offset, .previous = *previous};
    }
    message.clear();
    append_message(message, output.form, event, place);
    messages.add(std::array<std::string_view, 3>{"PUBLISH", channel, message});
  }
  co_return Result<void>();
}

// Entries go before messages: whoever hears of an event finds it in its stream.
asio::awaitable<Result<void>> RedisSink::Session::send(Batch batch) {
  if (mirror && batch.upto > mirrored) {
    const Result<void> entered =
        co_await mirror->send(connection, std::move(batch.entries), batch.upto);
    if (!entered) co_return entered.error();
    mirrored = batch.upto;
  }
  if (batch.messages.replies == 0) co_return Result<void>();
  const std::string_view messages = batch.messages.bytes;
  co_return co_await connection.exchange(messages, batch.messages.replies);
}

asio::awaitable<Result<void>> RedisSink::Session::check() {
  check_due = steady_clock::now() + kCheckEvery;
  co_return co_await connection.check_primary();
}

asio::awaitable<Result<void>> RedisSink::Session::save() {
  const Offset upto = *published;
  const Result<void> kept = co_await checkpoints->save(upto);
  if (kept) saved = upto;
  save_due = steady_clock::now() + settings.save_every;
  co_return kept;
}

RedisSink::RedisSink(const asio::any_io_executor& executor, SinkSettings settings,
                     std::unique_ptr<CheckpointStore> checkpoints, std::unique_ptr<EventFeed> feed)
    : session_(std::make_unique<Session>(executor, std::move(settings), std::move(checkpoints),
                                         std::move(feed))) {}

RedisSink::~RedisSink() = default;

Sink::Wants RedisSink::wants() const {
  return {.filter = {}, .page_events = session_->settings.page_events};
}

asio::awaitable<Result<Offset>> RedisSink::open() {
  Session& session = *session_;
  if (!session.published) {
    session.closed = false;
    const Result<void> begun = co_await session.begin();
    if (!begun) co_return begun.error();
    session.settings.on_begun();
    if (session.closed) co_return Error{Errc::io_failed, "it was closed"};
  }
  for (Output& output : session.outputs) output.previous.forget();
  const Result<void> opened = co_await session.connection.open();
  if (!opened) co_return opened.error();
  session.mirrored = *session.published;
  if (session.mirror) {
    const auto mark = co_await session.mirror->open(session.connection);
    if (!mark) co_return mark.error();
    if (*mark) session.mirrored = **mark;
  }
  co_return std::min(*session.published, session.mirrored);
}

asio::awaitable<Result<void>> RedisSink::write(const Page& page) {
  using namespace asio::experimental::awaitable_operators;
  Session& session = *session_;
  if (session.mirror) {
    const Result<void> looked = co_await session.mirror->look_at_age();
    if (!looked) co_return looked.error();
  }
  std::size_t next = 0;
  Batch batch;
  while (next < page.events.size()) {
    auto sending = session.send(std::move(batch));
    auto encoding = session.encode(page, next);
    auto [sent, encoded] = co_await (std::move(sending) && std::move(encoding));
    if (!sent) co_return sent.error();
    if (!encoded) co_return encoded.error();
    batch = std::move(*encoded);
  }
  const Result<void> sent = co_await session.send(std::move(batch));
  if (!sent) co_return sent.error();
  const Result<void> checked = co_await session.check();
  if (!checked) co_return checked.error();
  session.published = std::max(*session.published, page.examined);
  if (!session.has_unsaved() || steady_clock::now() < session.save_due) co_return Result<void>();
  co_return co_await session.save();
}

asio::awaitable<Result<Sink::Rest>> RedisSink::caught_up() {
  Session& session = *session_;
  const auto at = steady_clock::now();
  if (session.has_unsaved() && at >= session.save_due) {
    const Result<void> kept = co_await session.save();
    if (!kept) co_return kept.error();
  }
  if (at >= session.check_due) {
    const Result<void> checked = co_await session.check();
    if (!checked) co_return checked.error();
  }
  const auto next =
      session.has_unsaved() ? std::min(session.save_due, session.check_due) : session.check_due;
  co_return Rest{.again = until(next)};
}

void RedisSink::close() {
  session_->closed = true;
  session_->connection.close();
}

}  // namespace daybook::redis
