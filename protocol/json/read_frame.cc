// See read_frame.h. A frame is looked through for `op` and `ref` first, so that a refusal can echo
// `ref`; then it is walked with the member names of its operation.
#include "protocol/json/read_frame.h"

#include <algorithm>
#include <array>

#include "protocol/json/escape.h"
#include "protocol/json/minify.h"
#include "protocol/json/read_append.h"
#include "protocol/json/read_group.h"
#include "protocol/json/read_query.h"
#include "protocol/json/values.h"

namespace daybook::json {
namespace {

// Every operation's names begin with these two, which `find_head` has read.
constexpr std::size_t kHeadNames = 2;

constexpr std::array<std::string_view, 7> kAppendNames = {
    "op", "ref", "events", "conditions", "commit", "ack", "idempotency_key"};
constexpr std::array<std::string_view, 9> kSubscribeNames = {
    "op", "ref", "sub", "after", "filter", "credits", "group", "member", "replay"};
constexpr std::array<std::string_view, 4> kCreditNames = {"op", "ref", "sub", "n"};
constexpr std::array<std::string_view, 5> kCommitNames = {"op", "ref", "group", "offset",
                                                          "generation"};
constexpr std::array<std::string_view, 9> kLeaseNames = {
    "op", "ref", "sub", "offsets", "attempts", "replay_id", "delay_ms", "reason", "action"};
static_assert(std::ranges::equal(lease_names, std::span(kLeaseNames).subspan(3)));
constexpr std::array<std::string_view, 3> kUnsubscribeNames = {"op", "ref", "sub"};
constexpr std::array<std::string_view, 2> kPingNames = {"op", "ref"};

struct Head {
  std::string_view op;   // token; empty: absent
  std::string_view ref;  // token; empty: absent
};

Head find_head(Cursor at) {
  Head head;
  if (!at.is_object() || !at.enter()) return head;
  do {
    const std::string name = decode_inside(at.take_name());
    const bool null = at.is_null();
    const std::string_view token = at.take();
    if (null) continue;
    if (name == "op" && head.op.empty()) head.op = token;
    if (name == "ref" && head.ref.empty()) head.ref = token;
  } while (at.next());
  return head;
}

bool is_integer(std::string_view token) {
  return token.find_first_not_of("-0123456789") == std::string_view::npos;
}

Refusal check_ref(std::string_view token) {
  if (token.empty()) return nullptr;
  if (token.size() > limits::name_bytes_max)
    return under("ref", refuse(Errc::limit_exceeded, "ref has more than 255 bytes"));
  if (token[0] == '"' || is_integer(token)) return nullptr;
  return under("ref", refuse(Errc::bad_value, "ref is a string or an integer"));
}

Refusal read_sub(Values& in, SubId& sub) {
  if (in.at.is_number()) {
    std::uint64_t number = 0;
    if (auto refused = read_unsigned(in, number)) return refused;
    sub = std::to_string(number);
    return nullptr;
  }
  std::string_view name;
  if (auto refused = read_name(in, name)) return refused;
  append_string(sub, name);
  return nullptr;
}

// Walks the members of an operation that come after its head; `read` takes each by its index.
template <class Read>
Refusal read_members(Values& in, std::span<const std::string_view> names, std::uint32_t required,
                     Read read) {
  const Members members{"this frame", names};
  MemberWalk walk(in, members);
  while (const auto member = walk.next()) {
    if (*member < kHeadNames) {
      in.at.take();
    } else if (auto refused = read(*member)) {
      return walk.within(std::move(refused));
    }
  }
  return walk.finish(required);
}

// The values that make an append what it is, in a fixed order: a repeat under the same key is told
// by this text, whatever its `ref`. Without an ack it is as it was before there were acks.
std::string keyed_text(Cursor at) {
  std::array<std::string_view, 4> values;
  at.enter();
  do {
    const std::string name = decode_inside(at.take_name());
    const bool null = at.is_null();
    const std::string_view token = at.take();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!null && name == kAppendNames[kHeadNames + i]) values[i] = token;
  } while (at.next());
  std::string out;
  for (const std::string_view value : std::span(values).first(3)) {
    out += value;
    out += '\n';
  }
  out += values[3];
  return out;
}

Refusal read_append_op(Values& in, const Limits& limits, AppendFrame& frame) {
  const Cursor begin = in.at;
  const auto read = [&](std::size_t member) {
    if (member == 6) return read_name(in, frame.idempotency_key);
    const auto part = static_cast<EnvelopeMember>(member - kHeadNames);
    return read_envelope_member(in, part, limits, frame.append);
  };
  if (auto refused = read_members(in, kAppendNames, 1U << 2U, read)) return refused;
  if (!frame.idempotency_key.empty()) frame.keyed_text = keyed_text(begin);
  return check_batch(frame.append, "/events");
}

// A plain number is an offset to start after.
Refusal read_after(Values& in, GroupStart& after) {
  return in.at.is_number() ? read_offset(in, after.emplace<Offset>()) : read_start(in, after);
}

// `placed`: it has "after" or "filter".
Refusal check_subscribe(const SubscribeFrame& frame, bool placed) {
  const bool of_replay = !frame.replay.empty();
  if (of_replay && !frame.group.empty())
    return under("replay", refuse(Errc::bad_value,
                                  "a replay to a group is delivered to those who subscribe to the "
                                  "group: give \"group\" or \"replay\""));
  if (!of_replay && frame.group.empty() != frame.member.empty())
    return under(frame.group.empty() ? "group" : "member",
                 refuse(Errc::missing_member, "\"group\" and \"member\" come together"));
  if (placed && (of_replay || !frame.group.empty()))
    return under(of_replay ? "replay" : "group",
                 refuse(Errc::bad_value,
                        "it has its own place and filter: leave out \"after\" and \"filter\""));
  return nullptr;
}

Refusal read_subscribe_op(Values& in, SubscribeFrame& frame) {
  bool placed = false;
  const auto read = [&](std::size_t member) -> Refusal {
    placed = placed || member == 3 || member == 4;
    switch (member) {
      case 2: return read_sub(in, frame.sub);
      case 3: return read_after(in, frame.after);
      case 4: return read_filter(in, frame.filter);
      case 5: return read_unsigned(in, frame.credits, {.max = credits_max});
      case 6: return read_name(in, frame.group);
      case 7: return read_name(in, frame.member);
      default: return read_name(in, frame.replay);
    }
  };
  if (auto refused = read_members(in, kSubscribeNames, 1U << 2U, read)) return refused;
  return check_subscribe(frame, placed);
}

Refusal read_credit_op(Values& in, CreditFrame& frame) {
  return read_members(in, kCreditNames, 0b1100, [&](std::size_t member) {
    return member == 2 ? read_sub(in, frame.sub)
                       : read_unsigned(in, frame.n, {.min = 1, .max = credits_max});
  });
}

Refusal read_commit_op(Values& in, CommitOffset& commit) {
  return read_members(in, kCommitNames, 0b1100, [&](std::size_t member) {
    if (member == 2) return read_name(in, commit.group);
    if (member == 3) return read_offset(in, commit.offset);
    return read_unsigned(in, commit.generation.emplace());
  });
}

Refusal read_leases_op(Values& in, LeaseVerb verb, LeasesFrame& frame) {
  frame.request.verb = verb;
  const std::span<const std::string_view> names = kLeaseNames;
  const auto read = [&](std::size_t member) {
    return member == 2 ? read_sub(in, frame.sub) : read_lease_member(in, member - 3, frame.request);
  };
  if (auto refused = read_members(in, names.first(3 + lease_names_of(verb)), 0b1100, read))
    return refused;
  return check_leases(frame.request);
}

Refusal read_unsubscribe_op(Values& in, UnsubscribeFrame& frame) {
  return read_members(in, kUnsubscribeNames, 0b100,
                      [&](std::size_t) { return read_sub(in, frame.sub); });
}

Refusal read_ping_op(Values& in) {
  return read_members(in, kPingNames, 0, [](std::size_t) { return Refusal(); });
}

Refusal read_op(std::string_view op, Values& in, const Limits& limits, ClientOp& out) {
  if (op == "append") return read_append_op(in, limits, std::get<AppendFrame>(out));
  if (op == "subscribe") return read_subscribe_op(in, out.emplace<SubscribeFrame>());
  if (op == "credit") return read_credit_op(in, out.emplace<CreditFrame>());
  if (op == "commit") return read_commit_op(in, out.emplace<CommitFrame>().commit);
  if (op == "ack") return read_leases_op(in, LeaseVerb::ack, out.emplace<LeasesFrame>());
  if (op == "nack") return read_leases_op(in, LeaseVerb::nack, out.emplace<LeasesFrame>());
  if (op == "extend") return read_leases_op(in, LeaseVerb::extend, out.emplace<LeasesFrame>());
  if (op == "unsubscribe") return read_unsubscribe_op(in, out.emplace<UnsubscribeFrame>());
  if (op == "ping") {
    out.emplace<PingFrame>();
    return read_ping_op(in);
  }
  return under("op", refuse(Errc::bad_value,
                            "op is append, subscribe, credit, commit, ack, nack, extend, "
                            "unsubscribe or ping"));
}

Refusal check_head(const Cursor& at, const Head& head) {
  if (!at.is_object()) return refuse(Errc::bad_value, "a frame must be a JSON object");
  if (auto refused = check_ref(head.ref)) return refused;
  if (head.op.empty()) return under("op", refuse(Errc::missing_member, "a frame needs \"op\""));
  if (head.op[0] != '"') return under("op", refuse(Errc::bad_value, "op is a string"));
  return nullptr;
}

}  // namespace

ClientFrame read_frame(std::string_view text, const Limits& limits) {
  // An append keeps the text that it was read from; other operations copy what they need of it.
  ClientOp op{AppendFrame{}};
  Text room;
  const auto json = minify_into(room, text, limits.json_depth_max);
  if (!json) return {{}, {}, json.error()};
  Values in{Cursor(*json), &room};
  const Head head = find_head(in.at);
  if (auto refused = check_head(in.at, head)) {
    const bool echo = !check_ref(head.ref);
    return {echo ? std::string(head.ref) : "", {}, std::move(*refused)};
  }
  ClientFrame frame{std::string(head.ref), decode_inside(head.op.substr(1, head.op.size() - 2)),
                    PingFrame{}};
  if (auto refused = read_op(frame.name, in, limits, op)) {
    frame.op = std::move(*refused);
    return frame;
  }
  if (auto* append = std::get_if<AppendFrame>(&op)) append->append.text = std::move(room);
  frame.op = std::move(op);
  return frame;
}

}  // namespace daybook::json
