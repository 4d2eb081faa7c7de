// Finds what it needs in a frame by the names of members: {"offset":N begins each event, and
// "attempt":N} ends it. The corpus has neither in a payload.
#include "bench/load/queue_ledger.h"

#include <charconv>
#include <stdexcept>

namespace daybook::load {
namespace {

constexpr std::string_view kOffset = R"({"offset":)";
constexpr std::string_view kAttempt = R"("attempt":)";
constexpr std::string_view kAggregate = R"("aggregate_id":")";
constexpr std::string_view kSequence = R"("sequence":)";

std::uint64_t number_at(std::string_view text, std::size_t at) {
  std::uint64_t number = 0;
  if (at < text.size()) std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

void append_to(std::string& list, std::uint64_t number) {
  if (!list.empty()) list += ',';
  list += std::to_string(number);
}

}  // namespace

bool QueueLedger::next(std::string_view& frame, Event& event) {
  const std::size_t begin = frame.find(kOffset);
  if (begin == std::string_view::npos) return false;
  const std::size_t end = frame.find(kOffset, begin + kOffset.size());
  event.text = frame.substr(begin, end == std::string_view::npos ? end : end - begin);
  event.offset = number_at(event.text, kOffset.size());
  const std::size_t attempt = event.text.rfind(kAttempt);
  event.attempt =
      attempt == std::string_view::npos ? 0 : number_at(event.text, attempt + kAttempt.size());
  if (event.offset == 0 || event.attempt == 0)
    throw std::runtime_error("not a leased event: " + std::string(event.text.substr(0, 600)));
  frame.remove_prefix(begin + event.text.size());
  return true;
}

Leases QueueLedger::take(std::string_view events_frame) {
  Leases leases;
  Event event;
  while (next(events_frame, event)) {
    if (event.offset >= seen_.size()) seen_.resize(event.offset * 2);
    if (seen_[event.offset])
      throw std::runtime_error("offset " + std::to_string(event.offset) + " came twice");
    seen_[event.offset] = true;
    if (checks_order_) check_order(event);
    append_to(leases.offsets, event.offset);
    append_to(leases.attempts, event.attempt);
    ++leases.count;
  }
  taken_ += leases.count;
  return leases;
}

void QueueLedger::check_order(const Event& event) {
  const std::size_t id = event.text.find(kAggregate) + kAggregate.size();
  const std::size_t sequence = event.text.find(kSequence);
  std::uint64_t& last =
      sequences_[std::string(event.text.substr(id, event.text.find('"', id) - id))];
  const std::uint64_t now = number_at(event.text, sequence + kSequence.size());
  if (now <= last)
    throw std::runtime_error("offset " + std::to_string(event.offset) +
                             " came after a later event of its aggregate");
  last = now;
}

}  // namespace daybook::load
