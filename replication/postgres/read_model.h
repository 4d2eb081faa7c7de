// A read model that the user declared: events upsert rows of a table, by statements that we write.
// docs/read-models.md has the language; protocol/json/read_projection.h reads it.
#pragma once

#include <memory>
#include <string>

#include "replication/postgres/table_set.h"
#include "storage/base/result.h"

namespace daybook::postgres {

// `definition`: JSON text. bad_value with a JSON pointer into it where it says nothing that can be
// done.
Result<std::unique_ptr<TableSet>> make_read_model(const std::string& definition);

}  // namespace daybook::postgres
