// The `daybook` process.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>

#include "daemon/ctl/ctl.h"
#include "daemon/version.h"

namespace {

std::size_t terminal_columns() {
  winsize size{};
  const bool is_known =
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return is_known && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const daybook::ctl::Streams streams{.in = std::cin,
                                      .out = std::cout,
                                      .err = std::cerr,
                                      .in_is_terminal = isatty(STDIN_FILENO) == 1,
                                      .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                      .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                      .columns = terminal_columns()};
  try {
    return static_cast<int>(daybook::ctl::run({argv + 1, argv + argc}, streams, daybook::kVersion));
  } catch (const std::exception& broken) {
    std::fprintf(stderr, "daybook: %s\n", broken.what());
    return static_cast<int>(daybook::ctl::Exit::usage);
  }
}
