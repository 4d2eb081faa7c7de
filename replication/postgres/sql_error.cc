#include "replication/postgres/sql_error.h"

#include <array>
#include <stdexcept>

namespace daybook::postgres {

bool SqlError::blames_rows() const {
  // 22 data exception, 23 integrity constraint, 54 program limit, P0 raised by a trigger.
  const std::string_view code = state;
  return code.starts_with("22") || code.starts_with("23") || code.starts_with("54") ||
         code.starts_with("P0");
}

bool SqlError::misses_schema() const {
  // Undefined table, column, function, object; a schema that is not there.
  constexpr std::array<std::string_view, 5> kMissing{"42P01", "42703", "42883", "42704", "3F000"};
  for (const std::string_view code : kMissing)
    if (state == code) return true;
  return false;
}

void throw_exception_from_error(const SqlError& error, const boost::source_location& place) {
  boost::throw_with_location(std::runtime_error(error.text), place);
}

Error to_error(const SqlError& error) {
  return {Errc::io_failed, error.text};
}

}  // namespace daybook::postgres
