// Blocks of any bytes, with a checksum that matches: decoding stays within them, and says either
// `corrupted` or the same event each time.
#include <algorithm>
#include <cstdlib>

#include "storage/book/block.h"
#include "storage/book/group_row.h"
#include "storage/index/postings.h"
#include "tests/storage/book/reseal.h"

namespace {

void decode_block(std::string bytes) {
  if (bytes.size() < daybook::layout::kHeaderBytes) return;
  const auto block = daybook::Block::open(daybook::test::reseal(std::move(bytes)));
  if (!block) return;
  const std::uint32_t looked_at = std::min<std::uint32_t>((*block)->count(), 64);
  for (std::uint32_t i = 0; i < looked_at; ++i) {
    const auto event = (*block)->event((*block)->first() + i);
    if (!event) continue;
    const std::string_view all = (*block)->encoded();
    for (const std::string_view part : {event->payload, event->metadata, event->event_type})
      if (!part.empty() &&
          (part.data() < all.data() || part.data() + part.size() > all.data() + all.size()))
        std::abort();
  }
}

// What decodes has one spelling only where it was written by us; here it must merely not break.
void decode_rows(std::string_view bytes) {
  if (const auto row = daybook::decode_group_row(bytes)) {
    const auto again = daybook::decode_group_row(daybook::encode(*row));
    if (!again || !(again->settings == row->settings)) std::abort();
  }
  (void)daybook::decode_offsets(bytes).has_value();
  (void)daybook::decode_aggregate(daybook::Sequence{1}, bytes).has_value();
  (void)daybook::decode_known_id(bytes).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  decode_block(std::string(bytes));
  decode_rows(bytes);
  return 0;
}
