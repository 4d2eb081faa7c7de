// What the daemon is to be told of leases: acks, nacks, extensions.
#pragma once

#include <string>
#include <vector>

#include "daemon/ctl/daemon_link.h"

namespace daybook::ctl {

// As the daemon spells it.
struct Lease {
  std::string offset;
  std::string attempt;
  std::string replay_id;  // JSON; empty: of the group itself
  friend bool operator==(const Lease&, const Lease&) = default;
};

// Keeps its order where the daemon is lost.
class LeaseNews {
 public:
  // `group` is the group's path; `member` its member's name.
  LeaseNews(client::HttpClient& http, DaemonLink& link, std::string group, std::string member)
      : http_(http), link_(link), group_(std::move(group)), member_(std::move(member)) {}

  // `verb` is ack, nack or extend, and `more` the further members of its body, as JSON with a comma
  // before each.
  void add(std::string verb, std::string more, Lease lease);
  bool is_empty() const { return news_.empty(); }

  // Tells what is there, all that is alike in one request, until the daemon is lost. Returns the
  // leases that were refused. Throws Failure where a request is.
  std::vector<Lease> tell();

 private:
  struct One {
    std::string verb;
    std::string more;
    Lease lease;
    bool is_like(const One& other) const {
      return verb == other.verb && more == other.more && lease.replay_id == other.lease.replay_id;
    }
  };
  client::HttpRequest to_request(const std::vector<One>& alike) const;

  client::HttpClient& http_;
  DaemonLink& link_;
  const std::string group_;
  const std::string member_;
  std::vector<One> news_;
};

}  // namespace daybook::ctl
