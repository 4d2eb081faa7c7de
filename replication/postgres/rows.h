// The answers of libpq: their rows, and their errors in words.
#pragma once

#include <libpq-fe.h>

#include <memory>

#include "replication/postgres/connection.h"
#include "replication/postgres/sql_error.h"

namespace daybook::postgres {

struct ClearPq {
  void operator()(PGresult* result) const { PQclear(result); }
};

struct Rows::Answer {
  explicit Answer(PGresult* of) : result(of) {}
  const std::unique_ptr<PGresult, ClearPq> result;
};

bool is_failure(const PGresult* result);
SqlError error_of(const PGresult* result);
// Of the connection itself: nothing answered.
SqlError error_of(const PGconn* connection);

}  // namespace daybook::postgres
