// The validator-minifier against Boost.JSON: both take a text or neither does, and what is minified
// has the same value. Known differences, all grammatical and taken by ours alone: escaped lone
// surrogates, exponents that overflow, and depth (Boost's bound is set above ours).
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/json/cursor.h"
#include "protocol/json/minify.h"
#include "storage/base/check.h"

namespace daybook::json {
namespace {

constexpr std::size_t kDepth = 64;

bool has_escaped_surrogate(std::string_view text) {
  for (const std::string_view escape : {"\\ud", "\\uD"})
    if (text.find(escape) != std::string_view::npos) return true;
  return false;
}

// Walking the trusted text ends exactly at its end.
void walk(std::string_view minified) {
  Cursor at(minified);
  CHECK(at.take().size() == minified.size());
}

void compare(std::string_view text) {
  std::vector<char> out(text.size());
  const Minified done = minify(text, out.data(), kDepth);
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 10'000;
  const auto theirs = boost::json::parse(text, error, {}, options);
  if (error && (error == boost::json::error::exponent_overflow || has_escaped_surrogate(text)))
    return;
  if (done.broken == Broken::depth) return;
  CHECK((done.broken == Broken::nothing) == !error);
  if (done.broken != Broken::nothing) {
    CHECK(done.offset <= text.size() && done.token <= done.offset);
    return;
  }
  const std::string_view minified(out.data(), done.size);
  walk(minified);
  // As texts: Boost reads "0e751555" as a number that does not equal itself.
  CHECK(boost::json::serialize(boost::json::parse(minified, {}, options)) ==
        boost::json::serialize(theirs));
  std::vector<char> again(minified.size());
  const Minified same = minify(minified, again.data(), kDepth);
  CHECK(same.broken == Broken::nothing);
  CHECK(std::string_view(again.data(), same.size) == minified);
}

}  // namespace
}  // namespace daybook::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  daybook::json::compare({reinterpret_cast<const char*>(data), size});
  return 0;
}
