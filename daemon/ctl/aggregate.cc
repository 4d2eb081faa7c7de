// daybook aggregate TYPE ID
#include <CLI/CLI.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/event_printer.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string type;
  std::string id;
  bool events = false;
};

// Goes on behind the last sequence it saw until nothing comes.
void print_events(Context& context, const std::string& path) {
  EventPrinter printer(context);
  std::string after = "0";
  for (;;) {
    const std::string target =
        client::with_query(path + "/events", {{"after_sequence", after}, {"limit", "1000"}});
    const client::HttpResponse page = ask(context, {.target = target});
    const auto events = elements(member(page.body, "events"));
    for (const std::string_view event : events) printer.add(event);
    printer.flush();
    if (events.empty()) return;
    after = to_text(member(events.back(), "sequence"));
  }
}

void show(Context& context, const Options& options) {
  const std::string path = "/v1/aggregates/" + client::percent_encode(options.type) + '/' +
                           client::percent_encode(options.id);
  if (options.events)
    print_events(context, path);
  else
    print_object(context, ask(context, {.target = path}).body);
}

}  // namespace

void add_aggregate(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  CLI::App* command = app.add_subcommand("aggregate", "Show one aggregate");
  command->add_option("type", options->type, "The aggregate's type")->required();
  command->add_option("id", options->id, "The aggregate's id")->required();
  command->add_flag("--events", options->events, "Show its events instead");
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { show(context, *options); }; });
}

}  // namespace daybook::ctl
