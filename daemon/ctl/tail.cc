// daybook tail
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <thread>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/event_printer.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/raw_json.h"
#include "protocol/client/sse_parser.h"

namespace daybook::ctl {
namespace {

struct Options {
  FilterOptions filter;
  std::uint64_t count = 10;
  bool follow = false;
  unsigned retries = 30;
};

// The newest events, and the head that they are the newest of.
struct Newest {
  std::vector<std::string> events;  // newest first
  std::string head;
};

Newest read_newest(Context& context, const Parameters& filter, std::uint64_t count) {
  Newest newest;
  std::string before;
  do {
    Parameters parameters = filter;
    parameters.emplace_back("order", "desc");
    if (!before.empty()) parameters.emplace_back("before", before);
    const std::uint64_t left = count - newest.events.size();
    parameters.emplace_back("limit", std::to_string(std::clamp<std::uint64_t>(left, 1, 1000)));
    const client::HttpResponse page =
        ask(context, {.target = client::with_query("/v1/events", parameters)});
    // Later pages may come from a later head: what came between is followed from the first.
    if (newest.head.empty()) newest.head = to_text(member(page.body, "head"));
    for (const std::string_view event : elements(member(page.body, "events")))
      if (newest.events.size() < count) newest.events.emplace_back(event);
    before = to_text(member(page.body, "next_before"));
  } while (!before.empty() && newest.events.size() < count);
  return newest;
}

// Follows until the stream ends; returns where it had got to.
std::string follow_once(Context& context, const Parameters& filter, const std::string& after,
                        EventPrinter& printer) {
  Parameters parameters = filter;
  parameters.emplace_back("after", after);
  client::SseParser parser;
  std::string reached = after;
  const auto on_message = [&](const client::SseMessage& message) {
    if (message.event.empty()) printer.add(message.data);
    if (!message.id.empty()) reached = message.id;
  };
  const auto on_bytes = [&](std::string_view bytes) {
    parser.feed(bytes, on_message);
    printer.flush();
    return bool{context.streams.out};
  };
  const auto response =
      context.connection().stream({.target = client::with_query("/v1/events", parameters),
                                   .headers = {{"Accept", "text/event-stream"}}},
                                  on_bytes);
  if (response && !response->is_success() && response->status != 503)
    throw refusal(context, *response);
  return reached;
}

// A lost daemon is waited for: a second between tries, and as many tries in a row as were asked
// for.
void follow(Context& context, const Options& options, std::string after, EventPrinter& printer) {
  const Parameters filter = options.filter.parameters();
  for (unsigned failed = 0; failed <= options.retries;) {
    if (failed > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
    std::string reached = follow_once(context, filter, after, printer);
    if (!context.streams.out) return;
    failed = reached == after ? failed + 1 : 1;
    after = std::move(reached);
  }
  throw Failure(Exit::unreachable, "the daemon was lost, after offset " + after);
}

void tail(Context& context, const Options& options) {
  const Newest newest = read_newest(context, options.filter.parameters(), options.count);
  EventPrinter printer(context);
  for (auto event = newest.events.rbegin(); event != newest.events.rend(); ++event)
    printer.add(*event);
  printer.flush();
  if (options.follow) follow(context, options, newest.head, printer);
}

}  // namespace

void add_tail(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  CLI::App* command = app.add_subcommand("tail", "Print the newest events, and with -f what comes");
  options->filter.add_to(*command);
  command->add_option("-n,--count", options->count, "How many of the newest")
      ->capture_default_str();
  command->add_flag("-f,--follow", options->follow, "Go on with each event as it is committed");
  command
      ->add_option("--retries", options->retries,
                   "With -f: how often in a row to look for a lost daemon, once a second")
      ->capture_default_str();
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { tail(context, *options); }; });
}

}  // namespace daybook::ctl
