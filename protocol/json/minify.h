// The one validator-minifier: RFC 8259 grammar, valid UTF-8, bounded depth. Numbers and strings
// keep their text to the byte; only white space between tokens goes. An escaped lone surrogate
// ("\ud800") is grammatical and survives. What has passed here may be walked by `Cursor`, which
// trusts it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/result.h"
#include "storage/model/command.h"

namespace daybook::json {

inline constexpr std::size_t minify_depth_max = 1024;  // whatever the caller asks for

enum class Broken : std::uint8_t {
  nothing,
  value,           // a value should begin here
  name,            // a member name in double quotes should begin here
  colon,           // a colon should stand here
  comma,           // a comma or the end of the object or array should stand here
  control,         // a control character inside a string
  escape,          // an unknown escape
  unicode_escape,  // \u without four hex digits
  unterminated,    // the text ends inside a string
  utf8,            // not UTF-8
  extra,           // something follows the value
  depth,           // nested deeper than allowed
};

struct Minified {
  std::size_t size = 0;             // bytes written to `out`
  Broken broken = Broken::nothing;  // else why it broke,
  std::size_t offset = 0;           // the byte of `text` where,
  std::size_t token = 0;            // and where the token around it began
};

// `out` has room for `text.size()` bytes and does not overlap `text`. One pass, no recursion.
Minified minify(std::string_view text, char* out, std::size_t depth_max);

// "a value was expected", for a person.
std::string_view describe(Broken broken);

// Minifies into `text`, which is made anew with room for every string's decoded form as well, and
// for `extra` bytes more. Fails with bad_json, naming the byte, or limit_exceeded where it is too
// deep.
Result<std::string_view> minify_into(Text& text, std::string_view body, std::size_t depth_max);
Minified minify_into(Text& text, std::string_view body, std::size_t depth_max, std::size_t extra);

}  // namespace daybook::json
