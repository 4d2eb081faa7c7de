// Gathers and posts.
#include "daemon/ctl/lease_news.h"

#include <algorithm>

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {

void LeaseNews::add(std::string verb, std::string more, Lease lease) {
  news_.push_back({std::move(verb), std::move(more), std::move(lease)});
}

std::vector<Lease> LeaseNews::tell() {
  std::vector<Lease> refused;
  while (!news_.empty() && link_.may_ask()) {
    std::vector<One> alike;
    std::ranges::copy_if(news_, std::back_inserter(alike),
                         [&](const One& one) { return one.is_like(news_.front()); });
    const auto response = link_.check(http_.send(to_request(alike)));
    if (!response) break;
    std::erase_if(news_, [&](const One& one) { return one.is_like(alike.front()); });
    for (const std::string_view one : elements(member(response->body, "refused"))) {
      const auto named = std::ranges::find(alike, member(one, "offset"),
                                           [](const One& known) { return known.lease.offset; });
      if (named != alike.end()) refused.push_back(named->lease);
    }
  }
  return refused;
}

client::HttpRequest LeaseNews::to_request(const std::vector<One>& alike) const {
  std::string offsets;
  std::string attempts;
  for (const One& one : alike) {
    (offsets += offsets.empty() ? "" : ",") += one.lease.offset;
    (attempts += attempts.empty() ? "" : ",") += one.lease.attempt;
  }
  std::string body = "{\"member\":" + to_json(member_) + ",\"offsets\":[" + offsets +
                     "],\"attempts\":[" + attempts + ']' + alike.front().more;
  if (!alike.front().lease.replay_id.empty())
    body += ",\"replay_id\":" + alike.front().lease.replay_id;
  return {.method = "POST", .target = group_ + '/' + alike.front().verb, .body = body + '}'};
}

}  // namespace daybook::ctl
