#include "storage/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace daybook {

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "daybook: CHECK failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace daybook
