// Appends events to PostgreSQL as the Platform does: its table, an INSERT and a commit per event.
#pragma once

#include <string>

#include "bench/load/corpus.h"
#include "bench/load/measure.h"

namespace daybook::load {

struct PostgresOptions {
  std::string conninfo;
  unsigned connections = 32;
  Bounds bounds;
};

// Makes the table and its indexes where they are missing, and empties the table.
void prepare_postgres(const std::string& conninfo);
Measured drive_postgres(const PostgresOptions& options, Corpus& corpus);

}  // namespace daybook::load
