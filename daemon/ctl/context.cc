// Asks the daemon, and says its refusals in a person's words.
#include "daemon/ctl/context.h"

#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

std::string text_of(std::string_view object, std::string_view name) {
  return printable(to_text(member(object, name)));
}

std::string describe(std::string_view conflict) {
  const std::string kind = text_of(conflict, "kind");
  if (kind == "sequence")
    return text_of(conflict, "aggregate_type") + '/' + text_of(conflict, "aggregate_id") +
           " is at sequence " + text_of(conflict, "actual") + ", expected " +
           text_of(conflict, "expected");
  if (kind == "match")
    return "condition " + text_of(conflict, "condition") + " matches the event at offset " +
           text_of(conflict, "conflict_offset");
  return printable(conflict);
}

}  // namespace

client::HttpClient& Context::connection() {
  if (http == nullptr) {
    auto parsed = client::parse_url(url);
    if (!parsed) throw Failure(Exit::usage, parsed.error().detail);
    http = std::make_unique<client::HttpClient>(*parsed);
  }
  return *http;
}

client::HttpResponse ask(Context& context, const client::HttpRequest& request) {
  auto response = context.connection().send(request);
  if (!response) throw Failure(Exit::unreachable, response.error().detail);
  if (!response->is_success()) throw refusal(context, *response);
  return *std::move(response);
}

void post_and_print(Context& context, const std::string& target, const std::string& body) {
  const auto response = ask(context, {.method = "POST", .target = target, .body = body});
  if (!response.body.empty()) print_object(context, response.body);
}

bool is_problem(const client::HttpResponse& response, std::string_view code) {
  return !response.is_success() && to_text(member(response.body, "code")) == code;
}

Failure refusal(const Context& context, const client::HttpResponse& response) {
  if (context.json) return {Exit::refused, response.body};
  const std::string code = text_of(response.body, "code");
  std::string text = code.empty() ? "HTTP status " + std::to_string(response.status) : code;
  if (const std::string detail = text_of(response.body, "detail"); !detail.empty())
    text += ": " + detail;
  for (const std::string_view conflict : elements(member(response.body, "conflicts")))
    text += "\n  " + describe(conflict);
  return {Exit::refused, text};
}

}  // namespace daybook::ctl
