// What PostgreSQL answers when it does not do what it was asked.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "storage/base/error.h"

namespace daybook::postgres {

struct SqlError {
  // SQLSTATE, five letters or digits (PostgreSQL's manual, appendix A). Empty: no answer came, so
  // what became of it is not known.
  std::string state;
  std::string text;  // for a person: message, detail, hint and context; never a password

  bool is(std::string_view sqlstate) const { return state == sqlstate; }
  // The rows are to blame and not the server: a value that cannot be stored, a constraint, a limit
  // of a row, an exception of somebody's trigger. The same rows would fail again.
  bool blames_rows() const;
  // A table, a partition, a function or a schema of ours is not there, or not as it was.
  bool misses_schema() const;
};

template <class T>
class [[nodiscard]] SqlResult : public boost::system::result<T, SqlError> {
 public:
  using boost::system::result<T, SqlError>::result;
};

[[noreturn]] void throw_exception_from_error(const SqlError& error,
                                             const boost::source_location& place);

// For whoever does not act on SQLSTATEs: io_failed with the text.
Error to_error(const SqlError& error);

}  // namespace daybook::postgres
