// Puts a value into its key, shows it, and says what a key accepts.
#include <charconv>

#include "daemon/config/keys.h"

namespace daybook::config {
namespace {

constexpr std::pair<std::string_view, std::size_t> kUnits[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::size_t> parse_count(std::string_view text) {
  std::size_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return count;
}

// "536870912", "512 MiB", "512MiB".
std::optional<std::size_t> parse_bytes(std::string_view text) {
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto count = parse_count(trimmed(text.substr(0, text.size() - unit.size())));
    if (!count || *count > std::numeric_limits<std::size_t>::max() / factor) return std::nullopt;
    return *count * factor;
  }
  return parse_count(text);
}

std::string with_unit(std::size_t bytes) {
  for (const auto& [unit, factor] : kUnits)
    if (bytes >= factor && bytes % factor == 0)
      return std::to_string(bytes / factor) + ' ' + std::string(unit);
  return std::to_string(bytes);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

// Typed values as they are; plain text as the key wants it.
struct Reader {
  const Value& value;

  const std::string* plain() const {
    const auto* p = std::get_if<Plain>(&value);
    return p ? &p->text : nullptr;
  }
  std::optional<bool> flag() const {
    if (const auto* fact = std::get_if<bool>(&value)) return *fact;
    if (plain() && *plain() == "true") return true;
    if (plain() && *plain() == "false") return false;
    return std::nullopt;
  }
  std::optional<std::size_t> count() const {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number && *number >= 0) return static_cast<std::size_t>(*number);
    return plain() ? parse_count(*plain()) : std::nullopt;
  }
  std::optional<std::size_t> bytes() const {
    if (const auto* text = std::get_if<std::string>(&value)) return parse_bytes(*text);
    return plain() ? parse_bytes(*plain()) : count();
  }
  const std::string* text() const {
    const auto* text = std::get_if<std::string>(&value);
    return text ? text : plain();
  }
  std::optional<std::vector<std::string>> list() const {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return *list;
    if (plain()) return split_at_commas(*plain());
    return std::nullopt;
  }
};

// Each returns why the value is refused, "" where it was set, "?" where the bound says it all.
struct Setter {
  Config& config;
  Reader in;

  std::string number(std::optional<std::size_t> n, std::size_t& at, std::size_t min,
                     std::size_t max) const {
    if (!n || *n < min || *n > max) return "?";
    at = *n;
    return "";
  }
  std::string operator()(const Flag& flag) const {
    const auto fact = in.flag();
    if (!fact) return "?";
    flag.at(config) = *fact;
    return "";
  }
  std::string operator()(const Count& k) const {
    return number(in.count(), k.at(config), k.min, k.max);
  }
  std::string operator()(const Bytes& k) const {
    return number(in.bytes(), k.at(config), k.min, k.max);
  }
  std::string operator()(const Text& k) const {
    if (!in.text()) return "?";
    if (std::string refusal = k.refusal(*in.text()); !refusal.empty()) return refusal;
    k.at(config) = *in.text();
    return "";
  }
  std::string operator()(const Secret& k) const { return (*this)(Text{k.at, k.refusal, k.bound}); }
  std::string operator()(const List& k) const {
    auto list = in.list();
    if (!list || list->size() < k.min || list->size() > k.max) return "?";
    for (const std::string& entry : *list)
      if (std::string refusal = k.refusal(entry); !refusal.empty()) return refusal;
    k.at(config) = std::move(*list);
    return "";
  }
  std::string operator()(const Choice& k) const {
    for (std::size_t i = 0; in.text() && i < k.names.size(); ++i) {
      if (*in.text() != k.names[i]) continue;
      k.set(config, i);
      return "";
    }
    return "?";
  }
};

// A TOML basic string.
std::string quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20 || byte == 0x7F)
      ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
    else
      out += c;
  }
  return out += '"';
}

std::string quoted(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& entry : list) {
    if (out.size() > 1) out += ", ";
    out += quoted(entry);
  }
  return out += ']';
}

struct Shower {
  Config& config;
  std::string operator()(const Flag& k) const { return k.at(config) ? "true" : "false"; }
  std::string operator()(const Count& k) const { return std::to_string(k.at(config)); }
  std::string operator()(const Bytes& k) const {
    const std::size_t bytes = k.at(config);
    return bytes >= (1 << 10) ? quoted(with_unit(bytes)) : std::to_string(bytes);
  }
  std::string operator()(const Text& k) const { return quoted(k.at(config)); }
  std::string operator()(const Secret& k) const {
    const auto masked = k.masked(k.at(config));
    return masked ? quoted(*masked) + "  # without the password" : quoted(k.at(config));
  }
  std::string operator()(const List& k) const { return quoted(k.at(config)); }
  std::string operator()(const Choice& k) const { return quoted(k.names[k.get(config)]); }
};

struct Bounder {
  std::string operator()(const Flag&) const { return "true or false"; }
  std::string operator()(const Count& k) const {
    return std::to_string(k.min) + " to " + std::to_string(k.max);
  }
  std::string operator()(const Bytes& k) const {
    return with_unit(k.min) + " to " + with_unit(k.max);
  }
  std::string operator()(const Text& k) const { return std::string(k.bound); }
  std::string operator()(const Secret& k) const { return std::string(k.bound); }
  std::string operator()(const List& k) const { return std::string(k.bound); }
  std::string operator()(const Choice& k) const {
    std::string out;
    for (const std::string_view name : k.names)
      (out += out.empty() ? "" : name == k.names.back() ? " or " : ", ") += name;
    return out;
  }
};

struct Comparer {
  Config& a;
  Config& b;
  template <class K>
  bool operator()(const K& k) const {
    return k.at(a) == k.at(b);
  }
  bool operator()(const Choice& k) const { return k.get(a) == k.get(b); }
};

struct Copier {
  Config& to;
  Config& from;
  template <class K>
  void operator()(const K& k) const {
    k.at(to) = k.at(from);
  }
  void operator()(const Choice& k) const { k.set(to, k.get(from)); }
};

struct Namer {
  std::string operator()(bool fact) const { return fact ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(const std::vector<std::string>& list) const { return quoted(list); }
  std::string operator()(const Plain& plain) const { return quoted(plain.text); }
  std::string operator()(const Foreign& foreign) const { return foreign.kind; }
};

}  // namespace

std::string to_string(const Value& value) {
  return std::visit(Namer{}, value);
}

std::string Key::bound() const {
  return std::visit(Bounder{}, kind);
}

Result<void> set(Config& config, const Key& key, const Value& value) {
  const std::string refusal = std::visit(Setter{config, {value}}, key.kind);
  if (refusal.empty()) return {};
  const bool is_secret = std::holds_alternative<Secret>(key.kind);
  std::string detail = std::string(key.name) + " is " +
                       (is_secret ? "not shown here (it may hold a password)" : to_string(value));
  if (refusal != "?") detail += ", but " + refusal;
  return Error{Errc::bad_value, detail + "; it must be " + key.bound()};
}

std::string show(const Config& config, const Key& key) {
  Config copy = config;  // accessors want one they could change
  return std::visit(Shower{copy}, key.kind);
}

bool is_same(const Config& a, const Config& b, const Key& key) {
  Config one = a;
  Config other = b;
  return std::visit(Comparer{one, other}, key.kind);
}

void copy(Config& to, const Config& from, const Key& key) {
  Config source = from;
  std::visit(Copier{to, source}, key.kind);
}

}  // namespace daybook::config
