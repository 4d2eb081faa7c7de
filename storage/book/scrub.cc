#include "storage/book/scrub.h"

#include "storage/base/limits.h"
#include "storage/book/block.h"
#include "storage/book/book.h"
#include "storage/engine/keys.h"

namespace daybook {

engine::Cursor Scrub::cursor_at(Offset offset) const {
  constexpr auto kBlocks = static_cast<std::size_t>(BookColumn::blocks);
  engine::Cursor cursor = book_.walk(kBlocks, {.fills_cache = false});
  cursor.seek(engine::Key().number(offset.value));
  return cursor;
}

Scrub::Step Scrub::step(std::uint64_t bytes_max) {
  Step step;
  while (step.bytes < bytes_max && !step.at_end) {
    engine::Cursor cursor = cursor_at(next_);
    for (; cursor.valid() && step.bytes < bytes_max; cursor.next()) check(cursor, step);
    if (cursor.valid()) break;
    if (auto status = cursor.status(); !status)
      pass_by(status.error(), step);
    else
      step.at_end = true;
  }
  if (step.at_end) next_ = Offset{1};
  step.damaged = damaged_.size();
  return step;
}

void Scrub::check(const engine::Cursor& cursor, Step& step) {
  const Offset first{engine::last_number(cursor.key())};
  const auto block = Block::open(std::string(cursor.value()));
  step.bytes += cursor.value().size();
  next_ = first + 1;
  if (block && (*block)->first() == first) {
    next_ = (*block)->last() + 1;
    damaged_.erase(damaged_.lower_bound(first), damaged_.lower_bound(next_));
    return;
  }
  const std::string what = block ? "its block begins at another offset" : block.error().detail;
  note(first, {Errc::corrupted, "offset " + std::to_string(first.value) + ": " + what}, step);
}

// RocksDB could not read on at `next_`.
void Scrub::pass_by(const Error& unreadable, Step& step) {
  const Offset damaged = next_;
  const engine::Cursor behind = cursor_at(readable_after(damaged));
  step.at_end = !behind.valid();
  if (behind.valid()) next_ = Offset{engine::last_number(behind.key())};
  step.bytes += limits::block_bytes_target;
  const std::string last = step.at_end ? "the end" : std::to_string((next_ - 1).value);
  note(damaged,
       {unreadable.code,
        "offsets " + std::to_string(damaged.value) + " to " + last + ": " + unreadable.detail},
       step);
}

// What cannot be read does not say where it ends: strides that double reach a place behind it,
// halving then finds the nearest one. What is healthy between two damaged places may be taken for
// damaged with them.
Offset Scrub::readable_after(Offset damaged) const {
  constexpr std::uint64_t kStrideMax = std::uint64_t{1} << 40;
  const auto is_readable = [&](std::uint64_t stride) {
    const engine::Cursor cursor = cursor_at(damaged + stride);
    return cursor.valid() || cursor.status();
  };
  std::uint64_t far = 1;
  while (far < kStrideMax && !is_readable(far)) far *= 2;
  std::uint64_t near = far / 2;  // not readable
  while (far - near > 1) {
    const std::uint64_t middle = near + (far - near) / 2;
    (is_readable(middle) ? far : near) = middle;
  }
  return damaged + far;
}

void Scrub::note(Offset at, Error damage, Step& step) {
  if (damaged_.size() < kDamagedMax && damaged_.insert(at).second)
    step.damages.push_back(std::move(damage));
}

}  // namespace daybook
