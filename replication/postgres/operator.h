// What operators ask of a projection, on a connection of its own for each question. All may run
// beside the followers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "replication/follower/feed.h"
#include "replication/postgres/projection_sink.h"
#include "storage/base/result.h"
#include "storage/model/projection.h"

namespace daybook::postgres {

// Of the generation that users see; `after`: offsets greater than this, ascending.
boost::asio::awaitable<Result<ProjectionFailures>> list_failures(
    boost::asio::any_io_executor executor, ProjectionSettings settings, Offset after,
    std::uint32_t limit);

// Posts the failed events again, each in a transaction of its own: those at `offsets`, or all where
// it is empty. What fails again stays, with its new reason.
boost::asio::awaitable<Result<ProjectionRetried>> retry_failures(
    boost::asio::any_io_executor executor, ProjectionSettings settings, EventFeed& feed,
    std::vector<Offset> offsets);

// Drops the projection: views, tables, checkpoint, failures.
boost::asio::awaitable<Result<void>> drop_projection(boost::asio::any_io_executor executor,
                                                     ProjectionSettings settings);

}  // namespace daybook::postgres
