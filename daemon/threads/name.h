// Names threads, so that tools show which does what.
#pragma once

namespace daybook {

// At most 15 bytes. Signals are left to the main thread.
void name_thread(const char* name);

}  // namespace daybook
