// See write_leased.h.
#include "protocol/json/write_leased.h"

#include "protocol/json/cursor.h"
#include "protocol/json/escape.h"
#include "protocol/json/values.h"
#include "protocol/json/write_event.h"
#include "storage/base/error.h"

namespace daybook::json {

void append_leased(std::string& out, const LeasedEvent& leased, EventTexts& texts) {
  if (leased.replay_id.empty()) {
    out += texts.of(leased.event, leased.head);
  } else {
    EventView marked = leased.event;
    const std::string metadata = mark_replay(leased.event.metadata, leased.replay_id);
    marked.metadata = metadata;
    append_event(out, marked);
  }
  out.pop_back();
  append_member(out, R"(,"attempt":)", leased.attempt);
  if (!leased.replay_id.empty()) append_member(out, R"(,"replay_id":)", leased.replay_id);
  out += '}';
}

std::string mark_replay(std::string_view metadata, std::string_view replay_id) {
  std::string out = "{";
  Cursor at(metadata);
  if (at.enter()) {
    do {
      const std::string_view spelt = at.take_name();
      const std::string_view value = at.take();
      const std::string name = decode_inside(spelt);
      if (name == "replay" || name == "replay_id") continue;
      out.append(spelt.data() - 1, value.data() + value.size());
      out += ',';
    } while (at.next());
  }
  out += R"("replay":true)";
  append_member(out, R"(,"replay_id":)", replay_id);
  out += '}';
  return out;
}

void append_refused(std::string& out, std::span<const Offset> refused) {
  out += R"("refused":[)";
  for (const Offset offset : refused) {
    append_member(out, R"({"offset":)", offset.value);
    append_member(out, R"(,"code":)", name(Errc::lease_expired));
    out += "},";
  }
  if (!refused.empty()) out.pop_back();
  out += ']';
}

}  // namespace daybook::json
