// The file `head`: one mapped page that says where the book ended when its last fsync returned. It
// lets a start prove that the write-ahead log did not end early.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "storage/base/ids.h"
#include "storage/base/result.h"

namespace daybook {

using LogId = std::array<std::uint8_t, 16>;  // a UUID

// Where a book ends: at its last offset, and at its last change of any table (a group's row, a
// request), as `Database::last_change` numbers them.
struct BookEnd {
  Offset head;
  std::uint64_t change = 0;
  friend bool operator==(const BookEnd&, const BookEnd&) = default;
};

class HeadMark {
 public:
  // Under the directory's LOCK. `io_failed` where there is a file already.
  static Result<std::unique_ptr<HeadMark>> create(const std::string& path, const LogId& log);
  // `not_found` where there is no file, `corrupted` where it is not a head page.
  static Result<std::unique_ptr<HeadMark>> open(const std::string& path);
  ~HeadMark();
  HeadMark(const HeadMark&) = delete;
  HeadMark& operator=(const HeadMark&) = delete;

  LogId log() const;
  BookEnd load() const;
  // Called after each fsync, by the thread that synced; two stores to memory.
  void store(BookEnd end);
  // Called by the keeper: what was stored survives a power cut from here on.
  Result<void> sync();

 private:
  explicit HeadMark(void* page) : page_(page) {}
  void* page_;
};

}  // namespace daybook
