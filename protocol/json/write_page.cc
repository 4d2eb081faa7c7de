// See write_page.h.
#include "protocol/json/write_page.h"

#include "protocol/json/escape.h"
#include "protocol/json/write_event.h"

namespace daybook::json {
namespace {

void append_number_or_null(std::string& out, std::optional<std::uint64_t> number) {
  if (number) {
    append_unsigned(out, *number);
  } else {
    out += "null";
  }
}

template <class Place>
std::optional<std::uint64_t> value_of(const std::optional<Place>& place) {
  return place ? std::optional(place->value) : std::nullopt;
}

void append_explain(std::string& out, const Explain& explain) {
  append_member(out, R"(,"explain":{"index":)", explain.index);
  append_member(out, R"(,"term":)", explain.term);
  append_member(out, R"(,"candidates":)", explain.candidates);
  out += '}';
}

}  // namespace

void append_page(std::string& out, const Page& page, Order order, bool explain) {
  out += R"({"events":)";
  append_events(out, page.events);
  out += order == Order::ascending ? R"(,"next_after":)" : R"(,"next_before":)";
  append_number_or_null(out, value_of(page.next));
  append_member(out, R"(,"head":)", page.head.value);
  if (explain) append_explain(out, page.explain);
  out += '}';
}

void append_aggregate_page(std::string& out, const Page& page, Order order,
                           std::optional<Sequence> next) {
  out += R"({"events":)";
  append_events(out, page.events);
  out += order == Order::ascending ? R"(,"next_after_sequence":)" : R"(,"next_before_sequence":)";
  append_number_or_null(out, value_of(next));
  append_member(out, R"(,"head":)", page.head.value);
  out += '}';
}

void append_fetched(std::string& out, const Page& page, std::uint64_t generation,
                    EventTexts& texts) {
  out += R"({"events":)";
  texts.append(out, page.events, page.head);
  append_member(out, R"(,"next_after":)", page.examined.value);
  append_member(out, R"(,"generation":)", generation);
  out += '}';
}

}  // namespace daybook::json
