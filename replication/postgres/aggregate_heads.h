// How far each aggregate has come: the rows of `daybook.aggregates`. Nothing is added up: sequences
// have no gaps, so an aggregate's count is its head, and a page may be posted any number of times.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "replication/postgres/connection.h"
#include "storage/model/event.h"

namespace daybook::postgres {

// `head` is the sequence of the last event; `first_recorded_at` is NULL where the log had lost the
// first event before it could be posted.
std::string create_heads_sql(const std::string& table);

// Takes what `heads_of` gives.
std::string upsert_heads_sql(const std::string& table);

// Of the aggregates in both, each once: arrays of their types, ids, heads, first and last times.
std::vector<Parameter> heads_of(std::span<const EventView> events,
                                std::span<const EventView> refused);

}  // namespace daybook::postgres
