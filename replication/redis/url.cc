#include "replication/redis/url.h"

namespace daybook::redis {

std::string Url::shown() const {
  std::string out = tls ? "rediss://" : "redis://";
  if (!user.empty()) out += user + "@";
  out += host.find(':') == std::string::npos ? host : "[" + host + "]";
  return out + ":" + std::to_string(port) + "/" + std::to_string(database);
}

}  // namespace daybook::redis
