// What makes an append unique, given once when it was decoded: deciding it later is deterministic.
#pragma once

#include "storage/base/random.h"
#include "storage/model/command.h"

namespace daybook {

// Seals `append` with the wall clock and randomness of this thread.
inline void stamp(Append& append) { append.seal(now(), random_number()); }

}  // namespace daybook
