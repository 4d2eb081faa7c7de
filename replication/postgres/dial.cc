#include "replication/postgres/dial.h"

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

std::string_view value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword;
       ++option)
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  return {};
}

}  // namespace

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
