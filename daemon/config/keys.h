// The one table of keys. TOML, environment, `--set`, the search for unknown keys, `to_toml` and the
// comments of config/daybook.toml all follow it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/config.h"

namespace daybook::config {

// How a key is stored, and what it accepts. `at` is where it lives.
struct Flag {
  bool& (*at)(Config&);
};
struct Count {
  std::size_t& (*at)(Config&);
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::int64_t>::max();
};
// A count of bytes; also accepts text with a unit: "512 MiB".
struct Bytes {
  std::size_t& (*at)(Config&);
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::int64_t>::max();
};
// `refusal` returns why a text is refused, or "".
struct Text {
  std::string& (*at)(Config&);
  std::string (*refusal)(const std::string&);
  std::string_view bound;
};
// A text that may hold a password: `refusal` and messages never quote it. `masked` gives it with
// "***" for the password; nullopt where it has none. Whether it is set at all is never reloadable.
struct Secret {
  std::string& (*at)(Config&);
  std::string (*refusal)(const std::string&);
  std::optional<std::string> (*masked)(const std::string&);
  std::string_view bound;
};
// `refusal` is asked of each entry. In plain text entries are parted by commas.
struct List {
  std::vector<std::string>& (*at)(Config&);
  std::string (*refusal)(const std::string&);
  std::string_view bound;
  std::size_t min = 0;
  std::size_t max = 64;
};
// One of several words, in the order of its enum.
struct Choice {
  std::span<const std::string_view> names;
  std::size_t (*get)(const Config&);
  void (*set)(Config&, std::size_t);
};

struct Key {
  std::string_view name;  // "server.listen"
  std::string_view unit;  // "-" where it has none
  std::variant<Flag, Count, Bytes, Text, Secret, List, Choice> kind;
  bool reloadable = false;

  std::string_view section() const { return name.substr(0, name.find('.')); }
  std::string variable() const;  // "DAYBOOK_SERVER_LISTEN"
  std::string bound() const;     // what it accepts, for a person
};

std::span<const Key> keys();
const Key* find_key(std::string_view name);

// The known key that is fewest edits away, for "did you mean".
const Key& nearest_key(std::string_view name);

// Sets the key, or fails with bad_value: "KEY is GOT; it must be BOUND". GOT is not shown of a
// `Secret`.
Result<void> set(Config& config, const Key& key, const Value& value);

// The value as TOML. A password in it is replaced, which a comment behind it says.
std::string show(const Config& config, const Key& key);

// Whether both have the same value, passwords included.
bool is_same(const Config& a, const Config& b, const Key& key);

// Lets `to` have the value of `from`.
void copy(Config& to, const Config& from, const Key& key);

}  // namespace daybook::config
