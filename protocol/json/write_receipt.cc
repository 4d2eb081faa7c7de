// See write_receipt.h.
#include "protocol/json/write_receipt.h"

#include "protocol/json/escape.h"

namespace daybook::json {

void append_receipt(std::string& out, const Receipt& receipt) {
  out += '{';
  append_receipt_members(out, receipt);
  out += '}';
}

void append_receipt_members(std::string& out, const Receipt& receipt) {
  append_member(out, R"("first_offset":)", receipt.first_offset.value);
  append_member(out, R"(,"last_offset":)", receipt.last_offset.value);
  out += receipt.replayed ? R"(,"replayed":true)" : R"(,"replayed":false)";
  out += R"(,"durability":"fsync","events":[)";
  for (const ReceiptEvent& event : receipt.events) {
    append_member(out, R"({"id":)", event.id);
    append_member(out, R"(,"offset":)", event.offset.value);
    append_member(out, R"(,"sequence":)", event.sequence.value);
    append_member(out, R"(,"recorded_at":)", event.recorded_at);
    out += "},";
  }
  if (!receipt.events.empty()) out.pop_back();
  out += ']';
}

}  // namespace daybook::json
