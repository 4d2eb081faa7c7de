// What WebSocket clients send: one JSON text frame, one operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/json/read_leases.h"
#include "storage/base/limits.h"
#include "storage/base/result.h"
#include "storage/model/command.h"
#include "storage/model/group.h"

namespace daybook::json {

// A subscription's name as its JSON text, `"a"` or `7`, in one spelling: the same name gives the
// same text however it was escaped. Echo it as it is.
using SubId = std::string;

inline constexpr std::uint64_t credits_default = 1000;
inline constexpr std::uint64_t credits_max = 1'000'000'000;

struct AppendFrame {
  Append append;
  std::string idempotency_key;  // empty: none
  std::string keyed_text;  // what that key stands for: events, conditions, commit, ack, minified
};

// Without a group or replay: `after` and `filter` hold. With a group: `group` and `member` are set,
// and the filter is the group's. With a replay `member` may be empty.
struct SubscribeFrame {
  SubId sub;
  GroupStart after = FromBeginning{};
  Filter filter;
  std::uint64_t credits = credits_default;
  std::string group;
  std::string replay;
  std::string member;
};

struct CreditFrame {
  SubId sub;
  std::uint64_t n = 0;
};

struct CommitFrame {
  CommitOffset commit;
};

// ack, nack and extend. The member is whoever subscribed.
struct LeasesFrame {
  SubId sub;
  LeaseRequest request;
};

struct UnsubscribeFrame {
  SubId sub;
};

struct PingFrame {};

using ClientOp = std::variant<AppendFrame, SubscribeFrame, CreditFrame, CommitFrame, LeasesFrame,
                              UnsubscribeFrame, PingFrame>;

struct ClientFrame {
  std::string ref;   // its JSON text, to echo; empty: none. Set also when `op` is an error.
  std::string name;  // the value of "op", as far as it could be read
  Result<ClientOp> op;
};

ClientFrame read_frame(std::string_view text, const Limits& limits);

}  // namespace daybook::json
