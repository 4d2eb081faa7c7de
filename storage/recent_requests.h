// The request keys that were accepted lately: what evidence, gathered before, may have missed.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "storage/book/book.h"

namespace daybook {

class RecentRequests {
 public:
  std::optional<RememberedRequest> find(const std::string& principal, const std::string& key) const;
  // In the order of the log; each key once.
  void remember(const std::string& principal, const std::string& key,
                const RememberedRequest& request);
  // Evidence that was gathered before `offset` is stale: it asks for nothing older.
  void forget_below(Offset offset);
  std::size_t size() const { return requests_.size(); }

 private:
  using Requests = std::map<std::pair<std::string, std::string>, RememberedRequest>;
  Requests requests_;
  std::deque<Requests::const_iterator> by_offset_;
};

}  // namespace daybook
