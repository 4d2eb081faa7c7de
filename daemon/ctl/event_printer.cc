// One row or one line an event.
#include "daemon/ctl/event_printer.h"

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {

EventPrinter::EventPrinter(Context& context)
    : context_(context),
      table_({"OFFSET", "RECORDED", "TYPE", "AGGREGATE", "SEQ", "PAYLOAD"},
             context.streams.out_is_terminal ? context.streams.columns : 0) {}

void EventPrinter::add(std::string_view event) {
  if (context_.json) {
    context_.streams.out << event << '\n';
    return;
  }
  const auto text = [&](const char* name) { return to_text(member(event, name)); };
  table_.add({text("offset"), text("recorded_at"), text("event_type"),
              text("aggregate_type") + '/' + text("aggregate_id"), text("sequence"),
              std::string(member(event, "payload"))});
}

void EventPrinter::flush() {
  if (!context_.json) table_.print(context_.streams.out);
  context_.streams.out.flush();
}

}  // namespace daybook::ctl
