// See write_aggregate.h.
#include "protocol/json/write_aggregate.h"

#include "protocol/json/escape.h"

namespace daybook::json {

void append_aggregate(std::string& out, const AggregateInfo& aggregate) {
  append_member(out, R"({"aggregate_type":)", aggregate.aggregate_type);
  append_member(out, R"(,"aggregate_id":)", aggregate.aggregate_id);
  append_member(out, R"(,"sequence":)", aggregate.sequence.value);
  append_member(out, R"(,"first_offset":)", aggregate.first_offset.value);
  append_member(out, R"(,"last_offset":)", aggregate.last_offset.value);
  append_member(out, R"(,"created_at":)", aggregate.created_at);
  append_member(out, R"(,"updated_at":)", aggregate.updated_at);
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
