// Reads the values of request bodies: bodies are described by tables of member names, and every
// refusal carries the JSON pointer of the place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/json/cursor.h"
#include "storage/base/result.h"
#include "storage/base/time.h"
#include "storage/model/command.h"

namespace daybook::json {

// Why a value was refused; null: it was not. (One word, because every value read returns one.)
using Refusal = std::unique_ptr<Error>;

Refusal refuse(Errc code, std::string detail);
// Puts a member name, or an index, before the refusal's pointer.
Refusal under(std::string_view member, Refusal refusal);
Refusal under(std::size_t index, Refusal refusal);

// Text that `minify_into` has passed, where reading has got to, and the room that decoded strings
// go to: they live as long as `text`.
struct Values {
  Cursor at;
  Text* text = nullptr;
};

// The members that a kind of object may have, at most 32, and what it is called: "an event".
struct Members {
  std::string_view owner;
  std::span<const std::string_view> names;
};

// Walks the members of the object at `in`. Refuses a value that is no object, unknown members and
// repeated ones; an explicit null counts as absent.
class MemberWalk {
 public:
  MemberWalk(Values& in, const Members& members) : in_(in), members_(members) {}

  // The index in `names` of the next member that has a value, with `in` at that value, which must
  // be taken before the next call. nullopt: the end, or a refusal.
  std::optional<std::size_t> next();
  // Puts the current member's name before the pointer.
  Refusal within(Refusal refusal) const {
    return refusal ? under(members_.names[current_], std::move(refusal)) : nullptr;
  }
  // Why the walk ended, or which of `required` (bits by index) is missing; null: all is well.
  Refusal finish(std::uint32_t required = 0);
  bool has(std::size_t index) const { return (present_ >> index & 1U) != 0; }

 private:
  // Sets `current_`, unless the name is unknown or was seen before.
  Refusal enter(std::string_view name);

  Values& in_;
  const Members& members_;
  Refusal refusal_;
  std::size_t current_ = 0;
  std::uint32_t seen_ = 0;
  std::uint32_t present_ = 0;
  bool entered_ = false;
  bool ended_ = false;
};

// The decoded text of a string token (with its quotes): a view of the token, or of `text`, which
// has room for each token to be decoded once.
std::string_view decode(std::string_view token, Text& text);
// The same of what stands between the quotes, as a copy.
std::string decode_inside(std::string_view spelt);

// Each takes the value at `in`, or refuses it with bad_value.
Refusal read_string(Values& in, std::string_view& out);
Refusal read_name(Values& in, std::string_view& out);
Refusal read_name(Values& in, std::string& out);
// `limit_exceeded` beyond `limits::filter_names_max`.
Refusal read_names(Values& in, std::vector<std::string>& out);
// Of any list in a filter that has more.
Refusal refuse_list();
Refusal read_time(Values& in, Timestamp& out);

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = ~std::uint64_t{0} >> 1;
};
Refusal read_unsigned(Values& in, std::uint64_t& out, Range range = {});
Refusal read_offset(Values& in, Offset& out);

}  // namespace daybook::json
