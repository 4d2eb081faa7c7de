// See copy_rows.h.
#include "replication/postgres/copy_rows.h"

#include "storage/base/bytes.h"

namespace daybook::postgres {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kMicrosTo2000 = 946'684'800'000'000;  // from 1970
constexpr std::uint32_t kTextOid = 25;
constexpr std::size_t kUuidBytes = 36;  // as text

void append_length(std::string& out, std::size_t bytes) {
  append_big(out, static_cast<std::uint32_t>(bytes));
}

}  // namespace

CopyRows::CopyRows() {
  // A piece is handed on once it is full, so a row may go beyond it.
  buffer_.reserve(2 * kPieceBytes);
  buffer_ = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv;
}

void CopyRows::row(std::uint16_t columns) {
  append_little(buffer_, __builtin_bswap16(columns));
}

void CopyRows::trailer() {
  buffer_ += "\xff\xff"sv;
}

void CopyRows::int8(std::uint64_t value) {
  append_length(buffer_, sizeof value);
  append_big(buffer_, value);
}

void CopyRows::text(std::string_view value) {
  append_length(buffer_, value.size());
  buffer_ += value;
}

void CopyRows::text(const EventId& id) {
  append_length(buffer_, id.server_made() ? kUuidBytes : id.text.size());
  id.append_to(buffer_);
}

void CopyRows::text_or_null(std::string_view value) {
  if (value.empty())
    append_big(buffer_, ~std::uint32_t{0});
  else
    text(value);
}

// [4] dimensions  [4] has NULLs  [4] type of the elements, then of each dimension  [4] size
// [4] lower bound, then the elements as if each were a column. An empty array has no dimension.
void CopyRows::text_array(std::span<const std::string_view> values) {
  std::size_t length = 12;
  if (!values.empty()) length += 8;
  for (const std::string_view value : values) length += 4 + value.size();
  append_length(buffer_, length);
  append_big(buffer_, std::uint32_t{values.empty() ? 0U : 1U});
  append_big(buffer_, std::uint32_t{0});
  append_big(buffer_, kTextOid);
  if (values.empty()) return;
  append_length(buffer_, values.size());
  append_big(buffer_, std::uint32_t{1});
  for (const std::string_view value : values) text(value);
}

// [1] version = 1  [..] the text
void CopyRows::jsonb(std::string_view json) {
  append_length(buffer_, 1 + json.size());
  buffer_ += '\1';
  buffer_ += json;
}

void CopyRows::timestamptz(Timestamp time) {
  int8(static_cast<std::uint64_t>(time.micros - kMicrosTo2000));
}

}  // namespace daybook::postgres
