// The Platform's sentences about wrong input, as its validator words them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/json/minify.h"
#include "protocol/json/platform.h"

namespace daybook::json {

using Loc = std::vector<PlatformIssue::Part>;

// Where a value stands, and its JSON text.
struct Place {
  Loc loc;
  std::string_view input;
  Place at(std::string_view member, std::string_view value) const;
};

PlatformIssue missing(const Place& whole, std::string_view member);
PlatformIssue not_an_object(const Place& place);  // of a whole event
PlatformIssue dict_type(const Place& place);      // of payload and metadata
PlatformIssue string_type(const Place& place);
PlatformIssue string_unicode(const Place& place);  // a lone surrogate
PlatformIssue string_too_short(const Place& place);
PlatformIssue string_too_long(const Place& place, std::size_t characters_max);
PlatformIssue uuid_type(const Place& place);
PlatformIssue uuid_parsing(const Place& place, std::string_view wrong);
PlatformIssue list_type(const Place& place);
PlatformIssue list_too_short(const Place& place);
PlatformIssue list_too_long(const Place& place, std::size_t max, std::size_t actual);
// A rule of ours, in the shape in which the Platform tells of a rule of its own.
PlatformIssue value_error(const Place& place, std::string_view sentence);

// Why the JSON itself could not be read; `body` is what was sent.
PlatformRefusal json_refusal(const Minified& done, std::string_view body);

}  // namespace daybook::json
