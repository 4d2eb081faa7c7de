// Where the checkpoint of Redis is kept: in the book, with a commit of its own. The daemon
// implements it. Of the follower's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "storage/base/ids.h"
#include "storage/base/result.h"

namespace daybook::redis {

class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  // nullopt: none was ever saved.
  virtual std::optional<Offset> load() const = 0;
  // Resumes once it is on disk. It never goes back: a lower one is ignored.
  virtual boost::asio::awaitable<Result<void>> save(Offset offset) = 0;
};

}  // namespace daybook::redis
