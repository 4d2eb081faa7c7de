// The projections that a database keeps for a log: `daybook.checkpoints` has their definitions, so
// that those which came by the API are found again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "storage/base/result.h"

namespace daybook::postgres {

struct KeptProjection {
  std::string name;
  std::string definition;    // what was wanted last: that of the build, where there is one
  bool is_building = false;  // a build was begun and is not finished
};

// By name, on a connection of its own. `log_id`: those of other logs are left out.
boost::asio::awaitable<Result<std::vector<KeptProjection>>> list_kept_projections(
    boost::asio::any_io_executor executor, std::string target, std::string log_id);

}  // namespace daybook::postgres
