// The query string of a request, decoded and checked. Handlers read what they know; the first thing
// that is wrong is kept and asked for once, with `error()`.
#pragma once

#include <boost/container/small_vector.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.h"
#include "storage/base/time.h"

namespace daybook::http {

struct Bounds {
  std::uint64_t min = 0;
  std::uint64_t max = ~std::uint64_t{0};
};

class Parameters {
 public:
  // `known`: what may be given; a name ending in `*` may be given more than once. Others are
  // `unknown_parameter`.
  Parameters(std::string_view query, std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // Empty where the parameter is absent.
  std::string name(std::string_view name);
  std::vector<std::string> names(std::string_view name);
  std::string raw(std::string_view name) const;
  std::uint64_t integer(std::string_view name, std::uint64_t otherwise, Bounds bounds);
  std::optional<Timestamp> time(std::string_view name);
  // The index of the value in `words`, or `otherwise` where the parameter is absent.
  std::size_t word(std::string_view name, std::initializer_list<std::string_view> words,
                   std::size_t otherwise);
  bool flag(std::string_view name) { return word(name, {"false", "true"}, 0) == 1; }

  void refuse(std::string_view name, std::string_view why);
  const std::optional<Error>& error() const { return error_; }

 private:
  using Pair = std::pair<std::string, std::string>;
  const Pair* find(std::string_view name) const;
  void add(std::string_view pair, std::initializer_list<std::string_view> known);
  std::string checked_name(const Pair& pair);

  boost::container::small_vector<Pair, 4> pairs_;
  std::optional<Error> error_;
};

// The number in decimal digits alone; nullopt for anything else.
std::optional<std::uint64_t> parse_integer(std::string_view text);

// A `+` of a time zone that was not escaped arrives as a space: puts it back.
std::string with_zone_sign(std::string text);

}  // namespace daybook::http
