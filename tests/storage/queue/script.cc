#include "tests/storage/queue/script.h"

namespace daybook::test {

using namespace std::chrono_literals;

namespace {

std::string offsets_of(const std::vector<Offset>& offsets) {
  std::string out;
  for (const Offset offset : offsets)
    out += (out.empty() ? "" : " ") + std::to_string(offset.value);
  return out;
}

}  // namespace

GroupRow Script::group() const {
  GroupRow group = queue_group(order);
  group.settings.queue.block_aggregate = block_aggregate;
  group.settings.queue.max_deliveries = max_deliveries;
  group.settings.queue.max_in_flight = max_in_flight;
  group.settings.queue.max_unfinished = max_unfinished;
  group.settings.queue.breaker_window = breaker_window;
  group.settings.queue.breaker_ratio = breaker_ratio;
  return group;
}

void QueueScript::log(std::initializer_list<const char*> aggregates) {
  for (const char* aggregate : aggregates) rig_->append(aggregate);
  settle();
}

void QueueScript::settle() {
  fetch("nobody", 0);
}

std::string QueueScript::fetch(const std::string& member, std::uint32_t credits) {
  std::string out;
  std::vector<Demand> demand = {{member, credits}};
  for (bool more = true; more;) {
    const TurnResult result = rig_->turn(rig_->gather(100), demand);
    rig_->commit();
    for (const Delivery& one : result.deliveries)
      out += (out.empty() ? "" : " ") + std::to_string(one.offset.value) + "@" +
             std::to_string(one.attempt);
    const QueueTurn next = rig_->gather(100);
    more = !next.steps.empty() || next.admission || !result.deliveries.empty();
  }
  return out;
}

std::string QueueScript::step(QueueStep step) {
  std::vector<Demand> nobody;
  const TurnResult result = rig_->turn({"group", std::nullopt, {std::move(step)}}, nobody);
  rig_->commit();
  settle();
  return offsets_of(result.steps.front().refused);
}

std::string QueueScript::ack(const std::string& member, std::vector<LeaseName> leases) {
  return step(AckLeases{member, std::move(leases)});
}

std::string QueueScript::ack(const std::string& member,
                             std::initializer_list<std::uint64_t> offsets) {
  std::vector<LeaseName> leases;
  for (const std::uint64_t offset : offsets) leases.push_back({Offset{offset}, std::nullopt});
  return ack(member, std::move(leases));
}

std::string QueueScript::nack(const std::string& member, std::uint64_t offset, NackLeases how) {
  how.member = member;
  how.leases = {{Offset{offset}, std::nullopt}};
  return step(std::move(how));
}

std::string QueueScript::extend(const std::string& member, std::uint64_t offset) {
  return step(ExtendLeases{member, {{Offset{offset}, std::nullopt}}});
}

std::string QueueScript::retry(std::uint64_t offset) {
  const Candidate event{Offset{offset}, rig_->lane(Offset{offset})};
  const auto letters = rig_->dead_letters();
  const auto letter = letters.find(event.offset);
  const Attempt attempts = letter == letters.end() ? 0 : letter->second.attempts;
  return step(RetryDeadLetters{{{event, attempts}}});
}

std::string QueueScript::discard(std::uint64_t offset) {
  return step(DiscardDeadLetters{{Offset{offset}}});
}

void QueueScript::pass(std::chrono::milliseconds time) {
  rig_->pass(time);
  settle();
}

void QueueScript::restart() {
  ASSERT_TRUE(rig_->restart(7));
  settle();
}

void QueueScript::change(const GroupRow& group) {
  rig_->configure(group);
  settle();
}

void QueueScript::reset(Offset to) {
  rig_->reset(to);
  settle();
}

void QueueScript::kill(const std::string& member, std::uint64_t offset) {
  fetch(member);
  EXPECT_EQ("", nack(member, offset, {.action = NackAction::dead_letter}));
}

}  // namespace daybook::test
