// UUIDs as the Platform reads them: see `read_platform_uuid`.
#include <array>

#include "protocol/json/platform.h"
#include "protocol/json/utf8.h"

namespace daybook::json {
namespace {

constexpr std::size_t kDigits = 32;
constexpr std::array<std::size_t, 5> kGroups = {8, 4, 4, 4, 12};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char to_lower(char c) {
  return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct Spelling {
  std::string_view inside;
  std::size_t begin = 0;      // of `inside` in the whole
  bool may_be_plain = false;  // 32 digits without dashes
};

Spelling spelling(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  if (text.starts_with(kUrn)) return {text.substr(kUrn.size()), kUrn.size(), false};
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}')
    return {text.substr(1, text.size() - 2), 1, false};
  return {text, 0, true};
}

// "invalid character: found `n` at 1", or nothing.
std::string strange_character(const Spelling& spelt) {
  for (std::size_t i = 0; i < spelt.inside.size(); ++i) {
    if (spelt.inside[i] == '-' || is_hex(spelt.inside[i])) continue;
    const std::size_t length = utf8_length(spelt.inside.substr(i));
    return "invalid character: found `" + std::string(spelt.inside.substr(i, length)) + "` at " +
           std::to_string(spelt.begin + i + 1);
  }
  return {};
}

// The lengths of the groups between dashes, up to one more than there should be.
std::string wrong_groups(std::string_view text, std::string_view inside) {
  std::array<std::size_t, kGroups.size()> lengths{};
  std::size_t groups = 0;
  for (const char c : inside) {
    if (c == '-') {
      ++groups;
    } else if (groups < lengths.size()) {
      ++lengths[groups];
    }
  }
  ++groups;
  if (groups != kGroups.size())
    return "invalid group count: expected 5, found " + std::to_string(groups);
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (lengths[i] == kGroups[i]) continue;
    // Of the last group the Platform tells the whole text's length less the 24 bytes before it.
    const std::size_t found = i == 4 ? text.size() - 24 : lengths[i];
    return "invalid group length in group " + std::to_string(i) + ": expected " +
           std::to_string(kGroups[i]) + ", found " + std::to_string(found);
  }
  return {};
}

}  // namespace

PlatformUuid read_platform_uuid(std::string_view text) {
  const Spelling spelt = spelling(text);
  if (auto wrong = strange_character(spelt); !wrong.empty()) return {{}, std::move(wrong)};
  const bool dashed = spelt.inside.find('-') != std::string_view::npos;
  if (dashed || !spelt.may_be_plain) {
    if (auto wrong = wrong_groups(text, spelt.inside); !wrong.empty())
      return {{}, std::move(wrong)};
  } else if (text.size() != kDigits) {
    return {{},
            "invalid length: expected length 32 for simple format, found " +
                std::to_string(text.size())};
  }
  PlatformUuid uuid;
  std::size_t digits = 0;
  for (const char c : spelt.inside) {
    if (c == '-') continue;
    if (digits == 8 || digits == 12 || digits == 16 || digits == 20) uuid.text += '-';
    uuid.text += to_lower(c);
    ++digits;
  }
  return uuid;
}

}  // namespace daybook::json
