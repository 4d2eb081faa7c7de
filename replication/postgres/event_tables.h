// The projection of everything: `daybook.events`, by month of `recorded_at`, and
// `daybook.aggregates`. docs/postgres.md has the columns.
#pragma once

#include <memory>

#include "replication/postgres/table_set.h"

namespace daybook::postgres {

// What is stored in the checkpoint's row as the definition: raised whenever the columns change, so
// that a newer version builds a generation of its own beside the old one.
inline constexpr std::string_view kEventTablesDefinition = "events 1";

std::unique_ptr<TableSet> make_event_tables();

}  // namespace daybook::postgres
