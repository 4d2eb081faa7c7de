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
  out += R"("first_offset":)";
  append_unsigned(out, receipt.first_offset.value);
  out += R"(,"last_offset":)";
  append_unsigned(out, receipt.last_offset.value);
  out += receipt.replayed ? R"(,"replayed":true)" : R"(,"replayed":false)";
  out += R"(,"durability":"fsync","events":[)";
  for (const ReceiptEvent& event : receipt.events) {
    out += R"({"id":)";
    append_string(out, event.id);
    out += R"(,"offset":)";
    append_unsigned(out, event.offset.value);
    out += R"(,"sequence":)";
    append_unsigned(out, event.sequence.value);
    out += R"(,"recorded_at":)";
    append_time(out, event.recorded_at);
    out += "},";
  }
  if (!receipt.events.empty()) out.pop_back();
  out += ']';
}

}  // namespace daybook::json
