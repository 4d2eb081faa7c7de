// The file `head`: one mapped page with the last offset whose fsync returned. It lets a start prove
// that the write-ahead log did not end early.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "storage/base/ids.h"
#include "storage/base/result.h"

namespace daybook {

using LogId = std::array<std::uint8_t, 16>;  // a UUID

class HeadMark {
 public:
  static Result<std::unique_ptr<HeadMark>> create(const std::string& path, const LogId& log);
  // `not_found` where there is no file, `corrupted` where it is not a head page.
  static Result<std::unique_ptr<HeadMark>> open(const std::string& path);
  ~HeadMark();
  HeadMark(const HeadMark&) = delete;
  HeadMark& operator=(const HeadMark&) = delete;

  LogId log() const;
  Offset load() const;
  // Called by the writer after each fsync; a store to memory.
  void store(Offset head);
  // Called by the keeper: what was stored survives a power cut from here on.
  Result<void> sync();

 private:
  explicit HeadMark(void* page) : page_(page) {}
  void* page_;
};

}  // namespace daybook
