// Reads the blocks of a book in the background, in offset order and from the beginning again, so
// that damage is found before a reader needs what it took.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "storage/base/ids.h"
#include "storage/base/result.h"
#include "storage/engine/database.h"

namespace daybook {

// One thread at a time. The database must outlive it.
class Scrub {
 public:
  struct Step {
    std::uint64_t bytes = 0;     // of blocks
    std::vector<Error> damages;  // that the reading before this one did not find
    std::size_t damaged = 0;     // places found damaged when they were read last
    bool at_end = false;         // the next step begins with the first block again
  };

  explicit Scrub(const engine::Database& book) : book_(book) {}

  // Reads on for `bytes_max` bytes, and to the end of the block in which they end. Waits for the
  // disk; what it reads does not enter the block cache, but what is there is not read from the
  // disk.
  Step step(std::uint64_t bytes_max);

 private:
  // A damaged place is known by the first offset that it takes. Beyond so many none is added: the
  // log is lost by then.
  static constexpr std::size_t kDamagedMax = 10'000;

  engine::Cursor cursor_at(Offset offset) const;
  void check(const engine::Cursor& cursor, Step& step);
  void pass_by(const Error& unreadable, Step& step);
  Offset readable_after(Offset damaged) const;
  void note(Offset at, Error damage, Step& step);

  const engine::Database& book_;
  Offset next_{1};
  std::set<Offset> damaged_;
};

}  // namespace daybook
