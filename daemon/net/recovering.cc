#include "daemon/net/recovering.h"

#include "protocol/http/errors.h"
#include "protocol/http/guard.h"

namespace daybook::net {

http::Response recovering(const http::Request& request, const http::Settings& settings) {
  constexpr std::string_view kReason = "the log is being opened and checked";
  if (auto refused = http::forbidden(request, settings))
    return http::refuse(request.target, *refused);
  if (request.target == "/health/live") {
    http::Response alive;
    alive.body = R"({"status":"alive"})";
    return alive;
  }
  if (request.target != "/health/ready")
    return http::refuse(request.target, {Errc::recovering, std::string(kReason) + ": try again"});
  http::Response waiting;
  waiting.status = 503;
  waiting.body = R"({"status":"not_ready","reason":")" + std::string(kReason) + R"("})";
  http::add_retry_after(waiting);
  return waiting;
}

}  // namespace daybook::net
