// Posts failed events again, one by one, beside the live sink.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "replication/follower/feed.h"
#include "replication/postgres/checkpoint.h"
#include "replication/postgres/connection.h"
#include "replication/postgres/table_set.h"
#include "storage/base/result.h"
#include "storage/model/projection.h"

namespace daybook::postgres {

class Retry {
 public:
  // Into the tables of `shown`, in whose session `begin_session` was called.
  Retry(Connection& connection, TableSet& tables, std::string projection, Checkpoint shown,
        EventFeed& feed)
      : connection_(connection),
        tables_(tables),
        projection_(std::move(projection)),
        shown_(std::move(shown)),
        feed_(feed) {}

  boost::asio::awaitable<Result<void>> run_all();
  // Those that failed among these.
  boost::asio::awaitable<Result<void>> run(std::vector<Offset> offsets);
  ProjectionRetried retried() const { return retried_; }

 private:
  boost::asio::awaitable<Result<void>> run_one(Offset offset);
  boost::asio::awaitable<SqlResult<bool>> post(Page page);
  boost::asio::awaitable<Result<void>> fails_again(Offset offset, std::string reason);

  Connection& connection_;
  TableSet& tables_;
  const std::string projection_;
  const Checkpoint shown_;
  EventFeed& feed_;
  ProjectionRetried retried_;
  bool is_replaced_ = false;  // users see another generation now
};

}  // namespace daybook::postgres
