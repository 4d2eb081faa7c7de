#include "replication/redis/mirror.h"

#include <array>
#include <charconv>
#include <span>

#include "replication/redis/message.h"

namespace daybook::redis {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLookEvery{1};

// KEYS: the mark, the stream of each entry. ARGV: the new mark, the longest a stream may be and the
// oldest offset that it keeps (0: any), offset and text of each entry. It writes nothing before it
// has looked at every stream.
constexpr std::string_view kScript = R"(
local streams = {}
for i = 2, #KEYS do
  local stream = KEYS[i]
  if not streams[stream] then
    streams[stream] = true
    local info = redis.pcall('XINFO', 'STREAM', stream)
    if info.err and not info.err:find('no such key', 1, true) then return info end
    for at = 1, #info, 2 do
      local offset = info[at] == 'last-generated-id' and info[at + 1]:match('^%d+')
      if offset and tonumber(offset) >= tonumber(ARGV[2 * i]) then
        return redis.error_reply('ERR somebody else writes into the stream ' .. stream ..
          ': an entry with the id ' .. ARGV[2 * i] .. '-0 cannot follow ' .. info[at + 1])
      end
    end
  end
end
for i = 2, #KEYS do
  redis.call('XADD', KEYS[i], ARGV[2 * i] .. '-0', 'event', ARGV[2 * i + 1])
end
for stream in pairs(streams) do
  if ARGV[2] ~= '0' then redis.call('XTRIM', stream, 'MAXLEN', '~', ARGV[2]) end
  if ARGV[3] ~= '0' then redis.call('XTRIM', stream, 'MINID', '~', ARGV[3]) end
end
return redis.call('SET', KEYS[1], ARGV[1])
)";

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

void Mirror::add(Entries& batch, const EventView& event) const {
  batch.streams.push_back(settings_.key->of(event));
  batch.events.push_back(std::to_string(event.offset.value));
  std::string& text = batch.events.emplace_back();
  append_message(text, MessageForm::native, event, std::nullopt);
  batch.bytes += text.size();
}

boost::asio::awaitable<Result<void>> Mirror::send(Connection& connection, Entries batch,
                                                  Offset upto) {
  const std::string keys = std::to_string(1 + batch.streams.size());
  const std::string mark = std::to_string(upto.value);
  const std::string length = std::to_string(settings_.length_max);
  const std::string oldest = std::to_string(keep_from_.value);
  std::vector<std::string_view> words{"EVAL", kScript, keys, mark_};
  words.insert(words.end(), batch.streams.begin(), batch.streams.end());
  words.insert(words.end(), {mark, length, oldest});
  words.insert(words.end(), batch.events.begin(), batch.events.end());
  const std::span<const std::string_view> command(words);
  const Result<Reply> done = co_await connection.ask(command);
  if (!done) co_return done.error();
  co_return Result<void>();
}

}  // namespace daybook::redis
