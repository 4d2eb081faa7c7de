// The sending half of a connection: carries out what its subscriptions decide. Reads pages, makes
// frames of them, keeps group members alive, waits for what is committed. One strand.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/backend.h"
#include "protocol/json/read_frame.h"
#include "protocol/ws/outbox.h"
#include "protocol/ws/subscription.h"
#include "protocol/ws/wake.h"

namespace daybook::ws {

class Delivery {
 public:
  Delivery(Backend& backend, Outbox& outbox, const boost::asio::any_io_executor& strand);

  // Under a name that is free. Queues the `subscribed` frame and begins. Calls of it do not
  // overlap.
  Awaitable<Result<void>> subscribe(json::SubscribeFrame frame, std::string ref);
  bool has(const json::SubId& sub) { return find(sub) != nullptr; }
  std::size_t size() const { return subscriptions_.size(); }
  Result<void> credit(const json::SubId& sub, std::uint64_t events);
  // No frame of the subscription is queued after this; a member leaves its group.
  Result<void> unsubscribe(const json::SubId& sub);

  // Until `close`.
  Awaitable<void> run();
  // The outbox has some again.
  void room() {
    if (waits_for_room_) changed_.notify();
  }
  // Members stay: who is not heard of times out, unless it comes back first.
  void close();
  // Only when the client said goodbye: its groups go to the next member at once.
  void leave_groups();

 private:
  struct Member {
    std::string group;
    std::string name;
  };
  struct Subscription {
    json::SubId sub;
    Filter filter;
    std::optional<Member> member;
    SubscriberCore core;
    std::optional<Page> page = std::nullopt;  // while some of it is unsent
    std::size_t sent = 0;                     // events of `page`
    std::unique_ptr<Interest> interest = nullptr;
    bool waits_for_commits = false;

    std::span<const EventView> rest() const;
    std::size_t next_frame_bytes() const;
    void drop_page_if_done();
  };

  Awaitable<Result<Subscription>> begin(const json::SubscribeFrame& frame);
  Awaitable<Result<Subscription>> begin_plain(const json::SubscribeFrame& frame);
  Awaitable<Result<Subscription>> begin_member(const json::SubscribeFrame& frame);
  std::optional<Error> refusal(const json::SubscribeFrame& frame) const;
  Subscription* find(const json::SubId& sub);

  Action next(Subscription& subscription);
  Offset head_for(Subscription& subscription);
  void listen(Subscription& subscription);
  // References stay valid across waits: `run` alone removes a subscription, and it is the caller.
  Awaitable<void> carry_out(Subscription& subscription, Action action);
  Awaitable<void> read_page(Subscription& subscription, ReadPage read);
  Awaitable<void> peek(Subscription& subscription, Peek peek);
  Awaitable<void> join(Subscription& subscription);
  void read_failed(Subscription& subscription, const Error& error);
  void send_events(Subscription& subscription);
  void announce(Subscription& subscription, const Action& action);
  void end_with(Subscription& subscription, const Error& error);
  void leave(const Subscription& subscription);

  Backend& backend_;
  Outbox& outbox_;
  std::list<Subscription> subscriptions_;
  bool closed_ = false;

  Wake changed_;  // `run` waits here
  bool waits_for_room_ = false;
};

}  // namespace daybook::ws
