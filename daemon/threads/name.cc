#include "daemon/threads/name.h"

#include <pthread.h>

#include <csignal>

namespace daybook {

void name_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace daybook
