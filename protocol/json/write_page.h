// Pages of events as they are answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/json/event_texts.h"
#include "storage/model/query.h"

namespace daybook::json {

// {"events":[…],"next_after":N,"head":M}, `next_before` when descending. With `explain` also
// "explain":{"index":…,"term":…,"candidates":…}.
void append_page(std::string& out, const Page& page, Order order, bool explain);

// The events of one aggregate: {"events":[…],"next_after_sequence":N,"head":M},
// `next_before_sequence` when descending. `next` nullopt: the end.
void append_aggregate_page(std::string& out, const Page& page, Order order,
                           std::optional<Sequence> next);

// A group's fetch: {"events":[…],"next_after":N,"generation":G}; N is `page.examined`.
void append_fetched(std::string& out, const Page& page, std::uint64_t generation,
                    EventTexts& texts);

}  // namespace daybook::json
