// See write_aggregate.h.
#include "protocol/json/write_aggregate.h"

#include "protocol/json/escape.h"

namespace daybook::json {

void append_aggregate(std::string& out, const AggregateInfo& aggregate) {
  out += R"({"aggregate_type":)";
  append_string(out, aggregate.aggregate_type);
  out += R"(,"aggregate_id":)";
  append_string(out, aggregate.aggregate_id);
  out += R"(,"sequence":)";
  append_unsigned(out, aggregate.sequence.value);
  out += R"(,"first_offset":)";
  append_unsigned(out, aggregate.first_offset.value);
  out += R"(,"last_offset":)";
  append_unsigned(out, aggregate.last_offset.value);
  out += R"(,"created_at":)";
  append_time(out, aggregate.created_at);
  out += R"(,"updated_at":)";
  append_time(out, aggregate.updated_at);
  out += '}';
}

void append_aggregate_list(std::string& out, const AggregateList& list) {
  out += R"({"aggregates":[)";
  for (const AggregateInfo& aggregate : list.aggregates) {
    append_aggregate(out, aggregate);
    out += ',';
  }
  if (!list.aggregates.empty()) out.pop_back();
  out += R"(],"next_after":)";
  if (list.next) {
    append_string(out, *list.next);
  } else {
    out += "null";
  }
  out += '}';
}

}  // namespace daybook::json
