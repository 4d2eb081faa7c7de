#include "replication/postgres/target.h"

#include <array>
#include <cstdlib>
#include <new>
#include <string_view>

namespace daybook::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

struct FreeText {
  void operator()(char* text) const { PQfreemem(text); }
};

std::string_view value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword;
       ++option)
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  return {};
}

SqlError bad_target(const std::string& why) {
  return {{}, "the URL or keywords of the PostgreSQL server cannot be read: " + why};
}

// libpq quotes what it could not read.
std::string without_quotes(std::string text) {
  const auto first = text.find('"');
  const auto last = text.rfind('"');
  if (first != last) text.replace(first, last - first + 1, "…");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::optional<SqlError> refuse_target(const std::string& target) {
  char* message = nullptr;
  const Options options(PQconninfoParse(target.c_str(), &message));
  const std::unique_ptr<char, FreeText> owner(message);
  if (!options) return bad_target(message == nullptr ? "out of memory" : without_quotes(message));

  // A password with '@' or '/' shifts the parts of a URL, and names of hosts are shown.
  if (target.starts_with("postgres://") || target.starts_with("postgresql://"))
    for (const std::string_view part : {"host", "port", "dbname"})
      if (value_of(options, part).find('@') != std::string_view::npos)
        return bad_target("its password has to be percent-encoded (%40 for @, %2F for /)");
  return std::nullopt;
}

PqConnection begin_to_connect(const std::string& target) {
  // What stands after `dbname` wins over the target, what stands before it does not. A peer that is
  // gone is found within a minute: by probes while nothing is sent, by `tcp_user_timeout` else.
  constexpr std::array kNames{"fallback_application_name", "keepalives_idle",
                              "keepalives_interval",       "keepalives_count",
                              "tcp_user_timeout",          "dbname",
                              "client_encoding",           static_cast<const char*>(nullptr)};
  const std::array values{"daybook", "30",           "10",   "3",
                          "60000",   target.c_str(), "UTF8", static_cast<const char*>(nullptr)};
  static_assert(kNames.size() == values.size());
  const int expand_dbname = 1;
  PqConnection connection(PQconnectStartParams(kNames.data(), values.data(), expand_dbname));
  if (!connection) throw std::bad_alloc();
  return connection;
}

std::optional<std::chrono::milliseconds> connect_timeout(PGconn* connection) {
  const Options options(PQconninfo(connection));
  const int seconds = std::atoi(std::string(value_of(options, "connect_timeout")).c_str());
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string peer_of(PGconn* connection) {
  const auto text = [](const char* part) { return std::string(part == nullptr ? "" : part); };
  return text(PQuser(connection)) + '@' + text(PQhost(connection)) + ':' +
         text(PQport(connection)) + '/' + text(PQdb(connection));
}

}  // namespace daybook::postgres
