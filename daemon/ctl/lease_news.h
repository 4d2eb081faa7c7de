// What the daemon is to be told of leases: acks, nacks, extensions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/ctl/daemon_link.h"

namespace daybook::ctl {

// As the daemon spells it.
struct Lease {
  std::string offset;
  std::string attempt;
  std::string replay_id{};  // JSON; empty: of the group itself
  friend bool operator==(const Lease&, const Lease&) = default;
};

// Keeps its order where the daemon is lost, and each piece once.
class LeaseNews {
 public:
  enum class News : std::uint8_t { extend, ack, retry, dead_letter };

  // `group` is the group's path; `member` its member's name.
  LeaseNews(client::HttpClient& http, DaemonLink& link, std::string group, std::string member)
      : http_(http), link_(link), group_(std::move(group)), member_(std::move(member)) {}

  // `reason`: of a retry or a dead letter.
  void add(News news, const Lease& lease, const std::string& reason = "");
  bool is_empty() const { return news_.empty(); }

  // Tells what is there, all that is alike in one request, until the daemon is lost. Returns the
  // leases that were refused, each once: all of a request that is, where it is of a replay, which
  // may end before its group does. Throws Failure where another one is.
  std::vector<Lease> tell();
  std::uint64_t told(News news) const { return told_[static_cast<std::size_t>(news)]; }

 private:
  struct One {
    News news;
    Lease lease;
    std::string reason;
    friend bool operator==(const One&, const One&) = default;
  };
  std::vector<One> next() const;  // for one request: no offset twice
  std::optional<std::vector<Lease>> send(const std::vector<One>& alike);  // what was refused
  client::HttpRequest to_request(const std::vector<One>& alike) const;

  client::HttpClient& http_;
  DaemonLink& link_;
  const std::string group_;
  const std::string member_;
  std::vector<One> news_;
  std::array<std::uint64_t, 4> told_{};  // by kind, without what was refused
};

}  // namespace daybook::ctl
