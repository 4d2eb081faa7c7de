// The SQL of a read model: pure text, from its declaration.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "replication/postgres/table_set.h"
#include "storage/model/read_model.h"

namespace daybook::postgres {

// `"reports"."agents"`, quoted. Without a schema it is in public.
struct ReadModelNames {
  std::string schema;  // "reports", not quoted
  std::string table;   // "agents", not quoted
  std::string mark;    // the comment by which a table is known as ours: it names the projection

  explicit ReadModelNames(const ReadModel& model);
  std::string view() const;
  std::string table_of(Generation generation) const;
};

// Its columns that some rule increments begin with 0.
std::string create_table_sql(const ReadModel& model, Generation generation);
std::string create_view_sql(const ReadModel& model, Generation generation);

// What a parameter of a rule's statement takes from the event. All parameters are text.
struct Slot {
  enum class As : std::uint8_t {
    text,    // a string's text, or the JSON text of anything else; NULL where it is missing or null
    number,  // the same, for PostgreSQL to read as a number
    time,    // the same, for PostgreSQL to read as a time
    json,    // the JSON text
    present,  // whether the event has the place at all
  };
  std::string pointer;
  As as = As::text;
  bool required = false;  // of the key: never NULL
};

struct RuleStatement {
  std::string sql;
  std::vector<Slot> slots;  // $1, $2, …
};

// Changes the row as the rule says, or makes it.
RuleStatement rule_statement(const ReadModel& model, const ReadModelRule& rule,
                             Generation generation);

// An identifier, and a literal, as PostgreSQL reads them whatever they hold.
std::string quoted_identifier(std::string_view identifier);
std::string quoted_literal(std::string_view text);

}  // namespace daybook::postgres
