// CHECK: a belief that must hold, in release builds too. Broken means a bug of ours: stop at once,
// before anything wrong reaches the disk or a reader.
#pragma once

namespace daybook {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace daybook

#define CHECK(expression)                 \
  (static_cast<bool>(expression) ? void() \
                                 : ::daybook::check_failed(#expression, __FILE__, __LINE__))
