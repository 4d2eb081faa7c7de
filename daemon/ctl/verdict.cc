// Exit codes as sysexits.h has them.
#include "daemon/ctl/verdict.h"

#include <sys/wait.h>
#include <sysexits.h>

#include <algorithm>

#include "protocol/json/utf8.h"

namespace daybook::ctl {
namespace {

constexpr std::size_t kLineBytesMax = 500;

// Its first bytes; what is not UTF-8 as question marks.
std::string cut(std::string_view line) {
  std::string out;
  while (!line.empty() && out.size() < kLineBytesMax) {
    const std::size_t length = json::utf8_length(line);
    out += length == 0 ? "?" : line.substr(0, length);
    line.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string reason_of(int status, std::string_view last_line) {
  std::string reason = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                         : "signal " + std::to_string(WTERMSIG(status));
  if (!last_line.empty()) reason += ": " + cut(last_line);
  return reason;
}

}  // namespace

Verdict judge(int status, std::string_view last_line) {
  using Action = Verdict::Action;
  if (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK) return {};
  const bool is_bad_data = WIFEXITED(status) && WEXITSTATUS(status) == EX_DATAERR;
  return {.action = is_bad_data ? Action::dead_letter : Action::retry,
          .reason = reason_of(status, last_line)};
}

}  // namespace daybook::ctl
