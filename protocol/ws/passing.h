// Which failures are waited out.
#pragma once

#include "storage/base/error.h"

namespace daybook::ws {

// What passes by itself, without the client or an operator doing anything.
inline bool is_passing(Errc code) {
  return code == Errc::overloaded || code == Errc::recovering || code == Errc::not_yet ||
         code == Errc::disk_full || code == Errc::shutting_down;
}

}  // namespace daybook::ws
