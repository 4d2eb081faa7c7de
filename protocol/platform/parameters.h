// The query string of `GET /events/`, with the old system's tolerance (unknown parameters are
// ignored, the last of a repeated one counts) and its sentences about what is wrong.
#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/json/platform.h"
#include "storage/model/query.h"

namespace daybook::platform {

struct ListRequest {
  Query query;                   // without limit
  std::string exact_event_type;  // the old system knows no patterns; empty: any
  std::uint64_t skip = 0;        // `offset`
  std::uint64_t limit = 100;     // 0 is legal and answers []
};

struct ListRead {
  ListRequest request;
  json::PlatformRefusal refusal;
  bool refused() const { return !refusal.issues.empty(); }
};

// `otherwise`: the order where `order` is absent.
ListRead read_list(std::string_view query, Order otherwise);

// An issue of the shape {"type":"uuid_parsing","loc":[WHERE,NAME],…} for a value that is no UUID.
json::PlatformIssue uuid_issue(std::string_view where, std::string_view name,
                               std::string_view value, std::string_view wrong);

}  // namespace daybook::platform
