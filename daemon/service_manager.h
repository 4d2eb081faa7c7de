// What systemd is told (sd_notify(3)). Without systemd each call does nothing.
#pragma once

#include <string>

namespace daybook::service_manager {

void ready();
void reloading();
void stopping();
void status(const std::string& text);
void extend_start();  // five more minutes from now for `ready` to come
void watchdog();  // at least twice per WatchdogSec

}  // namespace daybook::service_manager
