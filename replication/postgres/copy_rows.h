// Rows in the binary format of COPY (PostgreSQL's manual, "COPY"), appended to one buffer that is
// handed on in pieces. Numbers are big-endian:
//
//   header   "PGCOPY\n" ff 0d 0a 00  [4] flags = 0  [4] extension = 0
//   row      [2] columns, then of each  [4] length, -1 for NULL  [length] value
//   trailer  ff ff
//
// Whoever calls it gives each row as many columns as it announced, in the types of the table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "storage/base/time.h"
#include "storage/model/event.h"

namespace daybook::postgres {

class CopyRows {
 public:
  CopyRows();  // with the header

  void row(std::uint16_t columns);
  void trailer();

  void int8(std::uint64_t value);
  void text(std::string_view value);
  void text(const EventId& id);
  void text_or_null(std::string_view value);  // NULL where it is empty
  void text_array(std::span<const std::string_view> values);
  void jsonb(std::string_view json);
  void timestamptz(Timestamp time);

  // Whether there is enough to be worth handing on.
  bool has_piece() const { return buffer_.size() >= kPieceBytes; }
  std::string_view bytes() const { return buffer_; }
  // Forgets what was handed on.
  void clear() { buffer_.clear(); }

 private:
  static constexpr std::size_t kPieceBytes = 256 << 10;
  std::string buffer_;
};

}  // namespace daybook::postgres
