// See write_dead_letter.h.
#include "protocol/json/write_dead_letter.h"

#include "protocol/json/escape.h"
#include "protocol/json/write_event.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

void append_failures(std::string& out, const std::vector<FailedAttempt>& failures) {
  out += R"(,"failures":[)";
  for (const FailedAttempt& failure : failures) {
    append_member(out, R"({"attempt":)", failure.attempt);
    append_member(out, R"(,"kind":)", name(failure.kind));
    append_member(out, R"(,"reason":)", failure.reason);
    append_member(out, R"(,"member":)", failure.member);
    append_member(out, R"(,"at":)", failure.at);
    out += "},";
  }
  if (!failures.empty()) out.pop_back();
  out += ']';
}

}  // namespace

void append_dead_letter(std::string& out, const EventView& event,
                        const DeadLetterPage::Facts& facts) {
  append_member(out, R"({"offset":)", event.offset.value);
  out += R"(,"event":)";
  append_event(out, event);
  append_member(out, R"(,"attempts":)", facts.attempts);
  append_member(out, R"(,"retried":)", facts.retried);
  append_flag(out, R"(,"retrying":)", facts.retrying);
  append_member(out, R"(,"held":)", facts.held);
  append_member(out, R"(,"died_at":)", facts.died_at);
  append_failures(out, facts.failures);
  out += '}';
}

void append_dead_letters(std::string& out, const DeadLetterPage& page) {
  CHECK(page.facts.size() == page.events.events.size());
  out += '[';
  for (std::size_t i = 0; i < page.facts.size(); ++i) {
    if (i > 0) out += ',';
    append_dead_letter(out, page.events.events[i], page.facts[i]);
  }
  out += ']';
}

void append_dead_letter_page(std::string& out, const DeadLetterPage& page) {
  out += R"({"dead_letters":)";
  append_dead_letters(out, page);
  append_offset_or_null(out, R"(,"next_after":)", page.events.next);
  out += '}';
}

void append_changed(std::string& out, std::string_view verb, const DeadLettersChanged& changed) {
  out.append("{\"").append(verb);
  append_member(out, "\":", changed.count);
  out += R"(,"refused":[)";
  for (const Offset offset : changed.refused) {
    append_member(out, R"({"offset":)", offset.value);
    out += R"(,"code":"not_found"},)";
  }
  if (!changed.refused.empty()) out.pop_back();
  append_offset_or_null(out, R"(],"next_after":)", changed.next);
  out += '}';
}

void append_offset_or_null(std::string& out, std::string_view before,
                           std::optional<Offset> offset) {
  out += before;
  if (offset) {
    append_unsigned(out, offset->value);
  } else {
    out += "null";
  }
}

}  // namespace daybook::json
