#include "daemon/followers/redis_checkpoint.h"

namespace daybook {
namespace {

// The first one makes the group: it starts where the checkpoint is.
Command command_of(const std::string& group, Offset offset, bool exists) {
  if (exists) return CommitOffset{.group = group, .offset = offset};
  return PutGroup{.group = group, .settings = {.mode = GroupMode::log, .start = offset}};
}

}  // namespace

std::optional<Offset> RedisCheckpoint::load() const {
  const auto row = store_.groups().find(follower_name("redis"));
  return row ? std::optional(row->committed) : std::nullopt;
}

Awaitable<Result<void>> RedisCheckpoint::save(Offset offset) {
  const std::optional<Offset> saved = load();
  if (saved >= offset) co_return Result<void>();
  Job job{.command = command_of(follower_name("redis"), offset, saved.has_value())};
  const auto applied = co_await writer_.apply(job);
  if (!applied) co_return applied.error();
  co_return Result<void>();
}

}  // namespace daybook
