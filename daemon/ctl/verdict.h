// What a command's end says about its event. Documented in daybook(1).
//
//   exit code 0    acked
//   65 EX_DATAERR  a dead letter at once: no other try could do better
//   75 EX_TEMPFAIL, any other, or death by a signal: tried again, as the group's back-off has it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::ctl {

struct Verdict {
  enum class Action : std::uint8_t { ack, retry, dead_letter };
  Action action = Action::ack;
  std::string reason;  // UTF-8; empty for an ack
};

// `status` is that of waitpid(2), `last_line` the last one that the command wrote to standard
// error, in any encoding.
Verdict judge(int status, std::string_view last_line);

}  // namespace daybook::ctl
