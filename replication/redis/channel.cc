#include "replication/redis/channel.h"

#include <optional>
#include <string_view>

namespace daybook::redis {
namespace {

Error refused(const std::string& text, const std::string& why) {
  return {Errc::bad_value, '"' + text + "\" is no name of channels: " + why};
}

// One step through the names that a pattern matches, or that a template makes.
struct Step {
  enum class Kind : std::uint8_t { literal, any_one, any_many };
  Kind kind = Kind::literal;
  char literal = 0;
};

// Redis' glob-style patterns. What stands in brackets is taken for any character.
std::vector<Step> steps_of(std::string_view pattern) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*') {
      steps.push_back({.kind = Step::Kind::any_many});
    } else if (pattern[i] == '?') {
      steps.push_back({.kind = Step::Kind::any_one});
    } else if (pattern[i] == '[') {
      steps.push_back({.kind = Step::Kind::any_one});
      while (i + 1 < pattern.size() && pattern[i] != ']') i += pattern[i] == '\\' ? 2 : 1;
    } else {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      steps.push_back({.literal = pattern[i]});
    }
  }
  return steps;
}

bool can_be_same(const Step& a, const Step& b) {
  return a.kind != Step::Kind::literal || b.kind != Step::Kind::literal || a.literal == b.literal;
}

// Whether some text fits both.
bool overlap(const std::vector<Step>& a, const std::vector<Step>& b) {
  // fits[i][j]: the first i steps and the first j steps have a text in common.
  std::vector<std::vector<bool>> fits(a.size() + 1, std::vector<bool>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      const bool a_many = i > 0 && a[i - 1].kind == Step::Kind::any_many;
      const bool b_many = j > 0 && b[j - 1].kind == Step::Kind::any_many;
      fits[i][j] = (i == 0 && j == 0) || (a_many && fits[i - 1][j]) || (b_many && fits[i][j - 1]) ||
                   (a_many && j > 0 && fits[i][j - 1]) || (b_many && i > 0 && fits[i - 1][j]) ||
                   (i > 0 && j > 0 && fits[i - 1][j - 1] && can_be_same(a[i - 1], b[j - 1]));
    }
  return fits[a.size()][b.size()];
}

}  // namespace

Result<ChannelTemplate> ChannelTemplate::parse(const std::string& text) {
  ChannelTemplate made;
  made.text_ = text;
  if (text.empty()) return refused(text, "it is empty");
  std::string_view rest = text;
  while (!rest.empty()) {
    Part part;
    part.literal = rest.substr(0, rest.find_first_of("{}"));
    rest.remove_prefix(part.literal.size());
    if (!rest.empty()) {
      const std::string_view braces = rest.substr(0, std::min(rest.find('}'), rest.size() - 1) + 1);
      if (braces == "{aggregate_type}")
        part.member = Member::aggregate_type;
      else if (braces == "{aggregate_id}")
        part.member = Member::aggregate_id;
      else if (braces == "{event_type}")
        part.member = Member::event_type;
      else
        return refused(text, "in braces stands aggregate_type, aggregate_id or event_type");
      rest.remove_prefix(braces.size());
    }
    made.parts_.push_back(std::move(part));
  }
  return made;
}

std::string ChannelTemplate::of(const EventView& event) const {
  std::string name;
  for (const Part& part : parts_) {
    name += part.literal;
    switch (part.member) {
      case Member::none: break;
      case Member::aggregate_type: name += event.aggregate_type; break;
      case Member::aggregate_id: name += event.aggregate_id; break;
      case Member::event_type: name += event.event_type; break;
    }
  }
  return name;
}

Filter ChannelTemplate::same_channel(const EventView& event) const {
  Filter filter;
  for (const Part& part : parts_) {
    switch (part.member) {
      case Member::none: break;
      case Member::aggregate_type: filter.aggregate_type = event.aggregate_type; break;
      case Member::aggregate_id: filter.aggregate_id = event.aggregate_id; break;
      case Member::event_type: filter.event_types = {std::string(event.event_type)}; break;
    }
  }
  return filter;
}

bool ChannelTemplate::may_match(const std::string& pattern) const {
  std::vector<Step> names;
  for (const Part& part : parts_) {
    for (const char c : part.literal) names.push_back({.literal = c});
    if (part.member != Member::none) names.push_back({.kind = Step::Kind::any_many});
  }
  return overlap(names, steps_of(pattern));
}

}  // namespace daybook::redis
