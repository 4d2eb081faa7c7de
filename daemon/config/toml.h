// Reads TOML into assignments and declarations; knows no keys.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/value.h"
#include "storage/base/result.h"

namespace daybook::config {

// A `[[projection]]` as JSON, its members in the order of the file.
struct Declaration {
  std::string json;
  std::map<std::string, std::string> places;  // by JSON pointer: "NAME:LINE"

  // The place of the value at the pointer, or of the nearest one around it.
  std::string place_of(std::string pointer) const;
};

struct Document {
  std::vector<Assignment> assignments;  // one per value, its key dotted, its origin "NAME:LINE"
  std::vector<Declaration> projections;
};

// Fails with bad_value naming the place if the text is not TOML.
Result<Document> parse_toml(std::string_view text, std::string_view name);

}  // namespace daybook::config
