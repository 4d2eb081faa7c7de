// The tables of events and the views before them, as SQL. Each text may be several statements.
#pragma once

#include <string>

#include "replication/postgres/table_set.h"

namespace daybook::postgres {

// "daybook.events_g1", "daybook.aggregates_g1".
std::string events_table(Generation generation);
std::string heads_table(Generation generation);

// Of `events_table`: the table, without partitions; and its primary key and indexes.
std::string create_events_sql(const std::string& table);
std::string create_indexes_sql(const std::string& table);

// The views `daybook.events` and `daybook.aggregates` over the generation, and
// `mcp_documents.events` where nothing has that name and the user may make it.
std::string show_sql(Generation generation);

// Drops the generation's tables where they are there, and the views if it is this generation that
// they show. Fails with 2BP01 where somebody else's view depends on them.
std::string drop_sql(Generation generation);

}  // namespace daybook::postgres
