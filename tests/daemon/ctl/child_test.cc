// Real processes: what they get, what they leave behind.
#include "daemon/ctl/child.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "daemon/ctl/context.h"
#include "daemon/ctl/verdict.h"

namespace daybook::ctl {
namespace {

struct Ended {
  int status;
  std::string error;
  std::string last_line;
};

bool is_readable(int fd) {
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 10'000) == 1;
}

// Reads as a worker does until it has ended.
Ended run_to_end(Child& child) {
  std::string error;
  for (;;) {
    pollfd fds[] = {{.fd = child.ended_fd(), .events = POLLIN, .revents = 0},
                    {.fd = child.error_fd(), .events = POLLIN, .revents = 0}};
    if (::poll(fds, 2, 10'000) <= 0) ADD_FAILURE() << "it does not end";
    const auto status = child.end();
    error += child.read_error();
    if (status) return {*status, error, child.last_line()};
  }
}

Ended run_shell(const std::string& script, std::vector<std::string> environment = {},
                const std::string& input = "") {
  Child child({"sh", "-c", script}, std::move(environment), input);
  return run_to_end(child);
}

std::size_t open_files() {
  using Entries = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(Entries("/proc/self/fd"), Entries()));
}

TEST(Child, GetsInputAndEnvironment) {
  ::setenv("DAYBOOK_CHILD_TEST", "inherited", 1);
  const Ended ended = run_shell("cat >&2; echo \"$DAYBOOK_CHILD_TEST $OTHER\" >&2",
                                {"DAYBOOK_CHILD_TEST=given", "OTHER=too"}, "{\"n\":1}\n");
  EXPECT_EQ(0, ended.status);
  EXPECT_EQ("{\"n\":1}\ngiven too\n", ended.error);
  EXPECT_EQ("given too", ended.last_line);
}

TEST(Child, MayLeaveItsInputUnread) {
  EXPECT_EQ(0, run_shell("exec true", {}, std::string(4 << 20, 'x')).status);
}

TEST(Child, MayWriteMoreThanAPipeHolds) {
  const Ended ended =
      run_shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2");
  EXPECT_EQ(0, ended.status);
  EXPECT_EQ("end", ended.last_line);
  EXPECT_EQ(1'000'005u, ended.error.size());
}

TEST(Child, HasNoOtherDescriptorOfOurs) {
  const int before = ::dup(STDERR_FILENO);  // without O_CLOEXEC
  EXPECT_EQ("0\n1\n2\n", run_shell("for f in 0 1 2 3 4 5 6 7 8 9; do "
                                   "[ -e /proc/$$/fd/$f ] && echo $f >&2; done; true")
                             .error);
  ::close(before);
}

TEST(Child, EndsWhenNobodyReadsItThoughWeDoNot) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const Ended ended = run_shell("kill -PIPE $$; exit 3");
  std::signal(SIGPIPE, before);
  EXPECT_TRUE(WIFSIGNALED(ended.status));
}

TEST(Child, LeavesNothingBehind) {
  const std::size_t before = open_files();
  for (int i = 0; i < 3; ++i) run_shell("exit 1");
  { const Child killed({"sleep", "1000"}, {}, ""); }
  EXPECT_THROW(Child({"/no/such/command"}, {}, ""), Failure);
  EXPECT_EQ(before, open_files());
  EXPECT_EQ(-1, ::waitpid(-1, nullptr, WNOHANG));
  EXPECT_EQ(ECHILD, errno);
}

TEST(Child, IsKilledWithItsGroup) {
  Child child({"sh", "-c", "sleep 1000 & echo $! >&2; wait"}, {}, "");
  ASSERT_TRUE(is_readable(child.error_fd()));
  child.read_error();
  child.kill();
  // Nobody holds the pipe any more: the one in the background is gone too.
  while (child.error_fd() >= 0) {
    ASSERT_TRUE(is_readable(child.error_fd()));
    child.read_error();
  }
  ASSERT_TRUE(is_readable(child.ended_fd()));
  const auto status = child.end();
  ASSERT_TRUE(status);
  EXPECT_EQ(SIGKILL, WTERMSIG(*status));
}

TEST(Child, IsOverThoughOneInTheBackgroundHoldsItsPipe) {
  const Ended ended = run_shell("sleep 1000 & echo $! >&2; exit 3");
  EXPECT_EQ(3, WEXITSTATUS(ended.status));
  EXPECT_EQ(0, ::kill(std::stoi(ended.error), SIGKILL));
}

TEST(Verdict, FollowsTheExitCode) {
  using Action = Verdict::Action;
  const auto exited = [](int code) { return code << 8; };
  EXPECT_EQ(Action::ack, judge(exited(0), "noise").action);
  EXPECT_EQ("", judge(exited(0), "noise").reason);
  EXPECT_EQ(Action::dead_letter, judge(exited(65), "").action);
  for (const int code : {1, 64, 75, 127}) EXPECT_EQ(Action::retry, judge(exited(code), "").action);
  EXPECT_EQ("exit code 75: no luck", judge(exited(75), "no luck").reason);
  EXPECT_EQ("signal 9", judge(SIGKILL, "").reason);
}

TEST(Verdict, ItsReasonIsShortUtf8) {
  EXPECT_EQ("exit code 1: gr?n", judge(1 << 8, "gr\xFCn").reason);
  EXPECT_EQ("exit code 1: gr\xC3\xBCn", judge(1 << 8, "gr\xC3\xBCn").reason);
  EXPECT_GE(520u, judge(1 << 8, std::string(10'000, 'x')).reason.size());
}

}  // namespace
}  // namespace daybook::ctl
