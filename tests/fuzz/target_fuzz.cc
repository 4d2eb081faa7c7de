// Any bytes as the target of a GET, over a log in memory: paths and query strings are answered or
// refused in JSON, and never end in a 500.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http/routes.h"
#include "protocol/json/minify.h"
#include "storage/base/check.h"
#include "tests/protocol/fake_backend.h"

namespace daybook::http {
namespace {

Response answer(std::string target) {
  static testing::FakeBackend backend;
  static const Settings settings;
  if (backend.log.events().empty()) backend.log.add_many(20);
  backend.log.stop();  // Nothing is waited for.
  Request request;
  request.method = boost::beast::http::verb::get;
  request.target = std::move(target);
  request.headers.set("Host", "localhost:8011");
  boost::asio::io_context io;
  std::optional<Response> response;
  boost::asio::co_spawn(io, respond(request, backend.port, settings),
                        [&](const std::exception_ptr& error, Response given) {
                          CHECK(!error);
                          response.emplace(std::move(given));
                        });
  io.run();
  CHECK(response.has_value());
  return std::move(*response);
}

void check(const Response& response) {
  CHECK(response.status != 500);
  if (response.stream || response.content_type.find("json") == std::string_view::npos) return;
  std::string out(response.body.size(), '\0');
  CHECK(json::minify(response.body, out.data(), json::minify_depth_max).broken ==
        json::Broken::nothing);
}

}  // namespace
}  // namespace daybook::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  daybook::http::check(
      daybook::http::answer(std::string(reinterpret_cast<const char*>(data), size)));
  return 0;
}
