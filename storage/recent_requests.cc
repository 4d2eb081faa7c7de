#include "storage/recent_requests.h"

namespace daybook {

std::optional<RememberedRequest> RecentRequests::find(const std::string& principal,
                                                      const std::string& key) const {
  const auto found = requests_.find({principal, key});
  if (found == requests_.end()) return std::nullopt;
  return found->second;
}

void RecentRequests::remember(const std::string& principal, const std::string& key,
                              const RememberedRequest& request) {
  const auto [place, is_new] = requests_.emplace(std::pair{principal, key}, request);
  if (is_new) by_offset_.push_back(place);
}

void RecentRequests::forget_below(Offset offset) {
  while (!by_offset_.empty() && by_offset_.front()->second.first < offset) {
    requests_.erase(by_offset_.front());
    by_offset_.pop_front();
  }
}

}  // namespace daybook
