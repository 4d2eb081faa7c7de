// What `reset` and `start` take.
#include "daemon/ctl/group_place.h"

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {

std::string place_to_json(std::string_view place) {
  if (place == "beginning" || place == "head") return to_json(place);
  const bool is_offset =
      !place.empty() && place.find_first_not_of("0123456789") == std::string_view::npos;
  if (is_offset) return "{\"after\":" + std::string(place) + '}';
  return "{\"time\":" + to_json(place) + '}';
}

}  // namespace daybook::ctl
