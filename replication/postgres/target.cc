// libpq itself parses: it alone knows where a password can hide (a URL's user part, its parameters,
// percent-encoded names, quoted keywords).
#include "replication/postgres/target.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace daybook::postgres {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Error bad_target(const std::string& why) {
  return {Errc::bad_value, "libpq cannot read it: " + why};
}

// libpq quotes what it could not read.
std::string without_quotes(std::string text) {
  const auto first = text.find('"');
  const auto last = text.rfind('"');
  if (first != last) text.replace(first, last - first + 1, "…");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<Options> parse(const std::string& target) {
  char* message = nullptr;
  Options options(PQconninfoParse(target.c_str(), &message), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owner(message, &PQfreemem);
  if (!options) return bad_target(message == nullptr ? "out of memory" : without_quotes(message));
  return options;
}

// As libpq reads values in single quotes.
std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

bool is_shown(std::string_view keyword) {
  return keyword == "host" || keyword == "port" || keyword == "dbname";
}

}  // namespace

Result<void> check_target(const std::string& target) {
  if (target.find('\0') != std::string::npos) return bad_target("it has a zero byte");
  const auto options = parse(target);
  if (!options) return options.error();
  // A password with '@' or '/' shifts the parts of a URL, and names of hosts are shown.
  if (target.starts_with("postgres://") || target.starts_with("postgresql://"))
    for (const auto* option = options->get(); option->keyword != nullptr; ++option)
      if (is_shown(option->keyword) && option->val != nullptr &&
          std::string_view(option->val).find('@') != std::string_view::npos)
        return bad_target("its password has to be percent-encoded (%40 for @, %2F for /)");
  return {};
}

std::optional<std::string> masked_target(const std::string& target) {
  const auto options = parse(target);
  if (!options) return std::nullopt;
  bool has_password = false;
  std::string out;
  for (const auto* option = options->get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const bool is_password = *option->dispchar == '*';  // libpq's mark of what is not to be shown
    has_password = has_password || is_password;
    out += (out.empty() ? "" : " ") + std::string(option->keyword) + '=' +
           quoted(is_password ? "***" : option->val);
  }
  if (!has_password) return std::nullopt;
  return out;
}

}  // namespace daybook::postgres
