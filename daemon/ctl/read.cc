// daybook read
#include <CLI/CLI.hpp>
#include <algorithm>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/event_printer.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {
namespace {

constexpr std::uint64_t kPage = 1000;

struct Options {
  FilterOptions filter;
  std::string after;
  std::string before;
  std::string order;
  std::string recorded_from, recorded_to, occurred_from, occurred_to;
  std::uint64_t limit = 100;
};

Parameters parameters_of(const Options& options) {
  Parameters out = options.filter.parameters();
  for (const auto& [name, value] : {std::pair{"order", &options.order},
                                    {"recorded_from", &options.recorded_from},
                                    {"recorded_to", &options.recorded_to},
                                    {"occurred_from", &options.occurred_from},
                                    {"occurred_to", &options.occurred_to}})
    if (!value->empty()) out.emplace_back(name, *value);
  return out;
}

// Pages may be short, even empty: only a `next_…` of null is the end.
void read(Context& context, const Options& options) {
  const Parameters fixed = parameters_of(options);
  const bool descends = options.order == "desc";
  const std::string edge = descends ? "before" : "after";
  std::string place = descends ? options.before : options.after;
  EventPrinter printer(context);
  std::uint64_t left = options.limit == 0 ? ~std::uint64_t{0} : options.limit;
  while (left > 0) {
    Parameters parameters = fixed;
    if (!place.empty()) parameters.emplace_back(edge, place);
    parameters.emplace_back("limit", std::to_string(std::min(left, kPage)));
    const client::HttpResponse page =
        ask(context, {.target = client::with_query("/v1/events", parameters)});
    const auto events = elements(member(page.body, "events"));
    for (const std::string_view event : events) printer.add(event);
    printer.flush();
    left -= std::min<std::uint64_t>(left, events.size());
    place = to_text(member(page.body, "next_" + edge));
    if (place.empty()) return;
  }
}

}  // namespace

void add_read(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  CLI::App* command = app.add_subcommand("read", "Print events");
  options->filter.add_to(*command);
  auto* after = command->add_option("--after", options->after, "Offsets greater than this");
  auto* before =
      command->add_option("--before", options->before, "Offsets lower than this, newest first");
  before->excludes(after);
  command->add_option("--order", options->order, "asc (oldest first, the default) or desc")
      ->check(CLI::IsMember({"asc", "desc"}));
  command->add_option("--recorded-from", options->recorded_from, "Recorded at this time or later");
  command->add_option("--recorded-to", options->recorded_to, "Recorded at this time or earlier");
  command->add_option("--occurred-from", options->occurred_from, "Occurred at this time or later");
  command->add_option("--occurred-to", options->occurred_to, "Occurred at this time or earlier");
  command->add_option("--limit", options->limit, "How many events at most; 0: all")
      ->capture_default_str();
  command->callback([options, &chosen] {
    if (!options->before.empty() && options->order.empty()) options->order = "desc";
    if (!options->before.empty() && options->order == "asc")
      throw CLI::ValidationError("--before", "goes with --order desc");
    if (!options->after.empty() && options->order == "desc")
      throw CLI::ValidationError("--after", "goes with --order asc");
    chosen = [options](Context& context) { read(context, *options); };
  });
}

}  // namespace daybook::ctl
