// Gathers and posts.
#include "daemon/ctl/lease_news.h"

#include <algorithm>

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {

void LeaseNews::add(News news, const Lease& lease, const std::string& reason) {
  const auto is_same = [&](const One& one) { return one.news == news && one.lease == lease; };
  if (std::ranges::none_of(news_, is_same)) news_.push_back({news, lease, reason});
}

std::vector<Lease> LeaseNews::tell() {
  std::vector<Lease> lost;
  while (!news_.empty() && link_.may_ask()) {
    const std::vector<One> alike = next();
    const auto refused = send(alike);
    if (!refused) break;
    told_[static_cast<std::size_t>(alike.front().news)] += alike.size() - refused->size();
    std::erase_if(news_, [&](const One& one) {
      return std::ranges::find(alike, one) != alike.end() ||
             std::ranges::find(*refused, one.lease) != refused->end();
    });
    lost.insert(lost.end(), refused->begin(), refused->end());
  }
  return lost;
}

std::vector<LeaseNews::One> LeaseNews::next() const {
  const One& first = news_.front();
  std::vector<One> alike;
  for (const One& one : news_) {
    // An offset that was leased again while the daemon was lost is there with both attempts.
    const auto is_named = [&](const One& other) { return other.lease.offset == one.lease.offset; };
    if (one.news == first.news && one.reason == first.reason &&
        one.lease.replay_id == first.lease.replay_id && std::ranges::none_of(alike, is_named))
      alike.push_back(one);
  }
  return alike;
}

std::optional<std::vector<Lease>> LeaseNews::send(const std::vector<One>& alike) {
  std::vector<Lease> refused;
  try {
    const auto response = link_.check(http_.send(to_request(alike)));
    if (!response) return std::nullopt;
    for (const std::string_view one : elements(member(response->body, "refused"))) {
      const auto named = std::ranges::find(alike, member(one, "offset"),
                                           [](const One& known) { return known.lease.offset; });
      if (named != alike.end()) refused.push_back(named->lease);
    }
  } catch (const Failure&) {
    if (alike.front().lease.replay_id.empty()) throw;
    for (const One& one : alike) refused.push_back(one.lease);
  }
  return refused;
}

client::HttpRequest LeaseNews::to_request(const std::vector<One>& alike) const {
  const One& first = alike.front();
  std::string offsets;
  std::string attempts;
  for (const One& one : alike) {
    (offsets += offsets.empty() ? "" : ",") += one.lease.offset;
    (attempts += attempts.empty() ? "" : ",") += one.lease.attempt;
  }
  std::string body = "{\"member\":" + to_json(member_) + ",\"offsets\":[" + offsets +
                     "],\"attempts\":[" + attempts + ']';
  const bool is_nack = first.news == News::retry || first.news == News::dead_letter;
  if (is_nack) {
    body += first.news == News::retry ? R"(,"action":"retry")" : R"(,"action":"dead_letter")";
    body += ",\"reason\":" + to_json(first.reason);
  }
  if (!first.lease.replay_id.empty()) body += ",\"replay_id\":" + first.lease.replay_id;
  const char* verb = is_nack ? "/nack" : first.news == News::ack ? "/ack" : "/extend";
  return {.method = "POST", .target = group_ + verb, .body = body + '}'};
}

}  // namespace daybook::ctl
