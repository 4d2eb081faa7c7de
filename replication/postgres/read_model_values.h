// What an event gives the statement of a rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replication/postgres/connection.h"
#include "replication/postgres/read_model_sql.h"

namespace daybook::postgres {

// Where the values of a rule's statement stand in an event.
class RuleValues {
 public:
  explicit RuleValues(std::vector<Slot> slots);

  // The parameters for the event, JSON text as it is read. Gives why the database could not take
  // them; empty: it may, though what a value is cast to is for PostgreSQL to say.
  std::string fill(std::string_view event, std::vector<Parameter>& parameters) const;

 private:
  struct Place {
    Slot slot;
    std::vector<std::string> path;
  };
  std::vector<Place> places_;
};

}  // namespace daybook::postgres
