#include "daemon/service_manager.h"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace daybook::service_manager {
namespace {

unsigned long long monotonic_micros() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<unsigned long long>(now.tv_sec) * 1'000'000 +
         static_cast<unsigned long long>(now.tv_nsec) / 1'000;
}

}  // namespace

void ready() {
  ::sd_notify(0, "READY=1");
}
void extend_start() {
  ::sd_notify(0, "EXTEND_TIMEOUT_USEC=300000000");
}
void stopping() {
  ::sd_notify(0, "STOPPING=1");
}
void status(const std::string& text) {
  ::sd_notify(0, ("STATUS=" + text).c_str());
}
void watchdog() {
  ::sd_notify(0, "WATCHDOG=1");
}
void reloading() {
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", monotonic_micros());
}

}  // namespace daybook::service_manager
