// Names of channels: "events:{aggregate_type}". What stands in braces is a member of the event:
// aggregate_type, aggregate_id or event_type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/model/event.h"
#include "storage/model/filter.h"

namespace daybook::redis {

class ChannelTemplate {
 public:
  // bad_value, for a person.
  static Result<ChannelTemplate> parse(const std::string& text);

  std::string of(const EventView& event) const;
  // The events that have the same channel as this one, for the search of the one before it.
  Filter same_channel(const EventView& event) const;
  const std::string& text() const { return text_; }
  // Whether a name that it makes could match the glob-style pattern of a PSUBSCRIBE; true where
  // that cannot be excluded.
  bool may_match(const std::string& pattern) const;

 private:
  enum class Member : std::uint8_t { none, aggregate_type, aggregate_id, event_type };
  struct Part {
    std::string literal;
    Member member = Member::none;  // after the literal
  };
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace daybook::redis
