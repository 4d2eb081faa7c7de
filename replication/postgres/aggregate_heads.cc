// See aggregate_heads.h.
#include "replication/postgres/aggregate_heads.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace daybook::postgres {
namespace {

struct Head {
  Sequence sequence;
  std::optional<Timestamp> first;
  Timestamp last;
};

using Aggregate = std::pair<std::string_view, std::string_view>;  // type, id
using Heads = boost::unordered_flat_map<Aggregate, Head>;

void add(Heads& heads, std::span<const EventView> events) {
  for (const EventView& event : events) {
    Head& head = heads[{event.aggregate_type, event.aggregate_id}];
    head.sequence = std::max(head.sequence, event.sequence);
    head.last = std::max(head.last, event.recorded_at);
    if (event.sequence == Sequence{1}) head.first = event.recorded_at;
  }
}

// An array in PostgreSQL's text form: `{"a","b \" c",NULL}`.
class ArrayText {
 public:
  void add_quoted(std::string_view value) {
    begin_element();
    text_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  void add(std::string_view value) {
    begin_element();
    text_ += value;
  }
  void add(Timestamp time) {
    begin_element();
    append_rfc3339(text_, time);
  }
  std::string finish() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  void begin_element() {
    if (text_.size() > 1) text_ += ',';
  }

  std::string text_ = "{";
};

}  // namespace

std::string create_heads_sql(const std::string& table) {
  // Half of each page is room for new versions of its rows, so that every change of a page in which
  // each aggregate occurs needs no entry in the index (HOT).
  return "CREATE TABLE " + table +
         " (aggregate_type text COLLATE \"C\", aggregate_id text COLLATE \"C\","
         " head bigint NOT NULL, first_recorded_at timestamptz,"
         " last_recorded_at timestamptz NOT NULL,"
         " PRIMARY KEY (aggregate_type, aggregate_id)) WITH (fillfactor = 50);";
}

std::string upsert_heads_sql(const std::string& table) {
  return "INSERT INTO " + table +
         " AS old (aggregate_type, aggregate_id, head, first_recorded_at, last_recorded_at)"
         " SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[],"
         " $5::timestamptz[])"
         " ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE SET"
         " head = greatest(old.head, excluded.head),"
         " first_recorded_at = coalesce(old.first_recorded_at, excluded.first_recorded_at),"
         " last_recorded_at = greatest(old.last_recorded_at, excluded.last_recorded_at)";
}

std::vector<Parameter> heads_of(std::span<const EventView> events,
                                std::span<const EventView> refused) {
  Heads heads;
  add(heads, events);
  add(heads, refused);
  // In the order of the index, which is a fifth faster to walk so.
  std::vector<std::pair<Aggregate, Head>> sorted(heads.begin(), heads.end());
  std::ranges::sort(sorted, {}, &std::pair<Aggregate, Head>::first);
  ArrayText types, ids, sequences, first_times, last_times;
  for (const auto& [aggregate, head] : sorted) {
    types.add_quoted(aggregate.first);
    ids.add_quoted(aggregate.second);
    sequences.add(std::to_string(head.sequence.value));
    if (head.first)
      first_times.add(*head.first);
    else
      first_times.add("NULL");
    last_times.add(head.last);
  }
  return {std::move(types).finish(), std::move(ids).finish(), std::move(sequences).finish(),
          std::move(first_times).finish(), std::move(last_times).finish()};
}

}  // namespace daybook::postgres
