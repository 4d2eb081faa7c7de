// Flags to a group's settings. What is not given is left to the daemon.
#include "daemon/ctl/group_create.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>

#include "daemon/ctl/duration.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/group_place.h"
#include "daemon/ctl/json_object.h"
#include "daemon/ctl/object_printer.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string group;
  std::string mode, order, start;
  FilterOptions filter;
  std::string member_timeout, ack_timeout;  // durations
  std::vector<std::string> backoff;         // durations
  std::optional<std::uint32_t> max_deliveries, max_in_flight, max_unfinished, breaker_window;
  std::optional<double> breaker_ratio;
  bool block_aggregate = false;
  std::string push_url;
};

std::string milliseconds(const std::string& duration) {
  return std::to_string(parse_duration(duration).count());
}

// Everybody on the machine sees a command line: the secret is not in it.
std::string to_push(const std::string& url) {
  const char* secret = std::getenv("DAYBOOK_PUSH_SECRET");
  JsonObject push;
  push.add_text("url", url);
  push.add_text("secret", secret == nullptr ? "" : secret);
  return push.finish();
}

std::string to_settings(const Options& options) {
  JsonObject settings;
  settings.add_text("mode", options.mode);
  settings.add_text("order", options.order);
  if (!options.start.empty()) settings.add("start", place_to_json(options.start));
  if (!options.filter.is_empty()) settings.add("filter", options.filter.to_json());
  for (const auto& [name, value] : {std::pair{"member_timeout_ms", &options.member_timeout},
                                    {"ack_timeout_ms", &options.ack_timeout}})
    if (!value->empty()) settings.add(name, milliseconds(*value));
  std::string backoff;
  for (const std::string& duration : options.backoff)
    backoff += (backoff.empty() ? "" : ",") + milliseconds(duration);
  if (!backoff.empty()) settings.add("backoff_ms", '[' + backoff + ']');
  for (const auto& [name, value] : {std::pair{"max_deliveries", &options.max_deliveries},
                                    {"max_in_flight", &options.max_in_flight},
                                    {"max_unfinished", &options.max_unfinished},
                                    {"breaker_window", &options.breaker_window}})
    if (*value) settings.add(name, std::to_string(**value));
  if (options.breaker_ratio) settings.add("breaker_ratio", std::to_string(*options.breaker_ratio));
  if (options.block_aggregate) settings.add("block_aggregate", "true");
  if (!options.push_url.empty()) settings.add("push", to_push(options.push_url));
  return settings.finish();
}

void create(Context& context, const Options& options) {
  const std::string target = "/v1/groups/" + client::percent_encode(options.group);
  const std::string body = to_settings(options);
  print_object(context, ask(context, {.method = "PUT", .target = target, .body = body}).body);
}

}  // namespace

void add_group_create(CLI::App& group, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  CLI::App* command = group.add_subcommand("create", "Make a group; one that is alike is shown");
  const auto add = [&](const char* name, auto& value, const char* what) {
    return command->add_option(name, value, what);
  };
  add("group", options->group, "The group")->required();
  add("--mode", options->mode, "log (one member at a time, the default) or queue (many)");
  add("--order", options->order, "What is not delivered side by side: aggregate, none or single");
  add("--start", options->start, "beginning, head, an offset, or a time (RFC 3339)");
  options->filter.add_to(*command);
  add("--member-timeout", options->member_timeout, "A silent member is gone after this");
  add("--ack-timeout", options->ack_timeout, "A lease ends so long after delivery");
  add("--max-deliveries", options->max_deliveries, "Failed ones before it is a dead letter");
  add("--backoff", options->backoff, "Before each next delivery: 1s,5s,30s; the last one repeats")
      ->delimiter(',');
  add("--max-in-flight", options->max_in_flight, "Open leases of the group");
  add("--max-unfinished", options->max_unfinished, "Events read and not finished");
  add("--breaker-window", options->breaker_window, "Deliveries that the failure rate is taken of");
  add("--breaker-ratio", options->breaker_ratio, "From this rate on the group pauses itself");
  command->add_flag("--block-aggregate", options->block_aggregate,
                    "A dead letter sets its aggregate's later events aside");
  add("--push-url", options->push_url,
      "POST deliveries there, signed with the secret in DAYBOOK_PUSH_SECRET, if any");
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { create(context, *options); }; });
}

}  // namespace daybook::ctl
