#include "replication/redis/mirror.h"

#include <array>
#include <charconv>
#include <vector>

#include "replication/redis/message.h"

namespace daybook::redis {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kRepeated = "ERR The ID specified in XADD is equal or smaller";
constexpr std::chrono::seconds kLookEvery{1};
constexpr std::array<std::string_view, 1> kMulti{"MULTI"};
constexpr std::array<std::string_view, 1> kExec{"EXEC"};

std::optional<Offset> parse_offset(const std::string& text) {
  Offset offset;
  const char* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, offset.value);
  return failed == std::errc{} && stopped == end ? std::optional(offset) : std::nullopt;
}

}  // namespace

Mirror::Mirror(StreamSettings settings, EventFeed& feed)
    : settings_(std::move(settings)),
      feed_(feed),
      mark_("daybook:mirror:" + settings_.key->text()) {}

boost::asio::awaitable<Result<std::optional<Offset>>> Mirror::open(Connection& connection) {
  may_repeat_ = true;
  const std::array<std::string_view, 2> words{"GET", mark_};
  const std::span<const std::string_view> command(words);
  const Result<Reply> mark = co_await connection.ask(command);
  if (!mark) co_return mark.error();
  if (mark->kind == Reply::Kind::nil) co_return std::nullopt;
  const std::optional<Offset> offset = parse_offset(mark->text);
  if (!offset || *offset > feed_.head())
    co_return Error{Errc::io_failed, "the mirror in Redis has come to offset " + mark->text +
                                         ", which this log has not: it is another log's; "
                                         "delete its streams and the key " +
                                         mark_};
  co_return offset;
}

boost::asio::awaitable<Result<void>> Mirror::look_at_age() {
  const auto at = steady_clock::now();
  if (settings_.age_max.count() == 0 || at - looked_at_ < kLookEvery) co_return Result<void>();
  const auto age = std::chrono::duration_cast<std::chrono::microseconds>(settings_.age_max);
  Query query{.order = Order::descending,
              .recorded = {.to = Timestamp{now().micros - age.count()}},
              .limit = 1,
              .skip_trimmed = true};
  const Result<Page> page = co_await feed_.read(std::move(query));
  if (!page) co_return page.error();
  if (!page->events.empty()) keep_from_ = page->events[0].offset + 1;
  looked_at_ = at;
  co_return Result<void>();
}

void Mirror::add(Commands& batch, const EventView& event) const {
  if (batch.replies == 0) batch.add(kMulti);
  const std::string key = settings_.key->of(event);
  const std::string id = std::to_string(event.offset.value) + "-0";
  const std::string length = std::to_string(settings_.length_max);
  const std::string oldest = std::to_string(keep_from_.value);
  std::string text;
  append_message(text, MessageForm::native, event, std::nullopt);
  const bool by_length = settings_.length_max > 0;
  const bool by_age = keep_from_.value > 0;
  std::vector<std::string_view> words{"XADD", key};
  if (by_length)
    words.insert(words.end(), {"MAXLEN", "~", length});
  else if (by_age)
    words.insert(words.end(), {"MINID", "~", oldest});
  words.insert(words.end(), {id, "event", text});
  batch.add(words);
  if (by_length && by_age)
    batch.add(std::array<std::string_view, 5>{"XTRIM", key, "MINID", "~", oldest});
}

boost::asio::awaitable<Result<void>> Mirror::send(Connection& connection, Commands batch) {
  if (batch.replies == 0) co_return Result<void>();
  batch.add(kExec);
  const std::string_view commands = batch.bytes;
  const std::string_view harmless = may_repeat_ ? kRepeated : std::string_view();
  const auto sent = co_await connection.exchange(commands, batch.replies, harmless);
  if (!sent) co_return sent.error();
  may_repeat_ = false;
  co_return Result<void>();
}

void Mirror::set_mark(Commands& commands, Offset offset) const {
  const std::string text = std::to_string(offset.value);
  commands.add(std::array<std::string_view, 3>{"SET", mark_, text});
}

}  // namespace daybook::redis
