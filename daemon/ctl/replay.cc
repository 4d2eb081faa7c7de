// daybook replay start|list|show|watch|pause|resume|cancel|delete
#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/json_object.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string id;
  std::string group;
  FilterOptions filter;
  std::string from, to;  // offsets or times

  std::string path() const { return "/v1/replays/" + client::percent_encode(id); }
};

std::string state_of(std::string_view replay) {
  for (const char* state : {"cancelled", "paused"})
    if (member(replay, state) == "true") return state;
  return member(replay, "in_progress") == "true" ? "running" : "finished";
}

void start(Context& context, const Options& options) {
  JsonObject body;
  body.add_text("group", options.group);
  body.add("filter", options.filter.to_json());
  body.add_number_or_text("from", options.from);
  body.add_number_or_text("to", options.to);
  post_and_print(context, "/v1/replays", body.finish());
}

void list(Context& context, const Options&) {
  Table table({"ID", "GROUP", "EVENTS", "SUCCEEDED", "FAILED", "STATE"}, 0);
  const auto response = ask(context, {.target = "/v1/replays"});
  for (const std::string_view replay : elements(member(response.body, "replays"))) {
    if (context.json) context.streams.out << replay << '\n';
    const auto text = [&](const char* name) { return to_text(member(replay, name)); };
    table.add({text("id"), text("group"), text("event_count"), text("success_count"),
               text("failure_count"), state_of(replay)});
  }
  if (!context.json) table.print(context.streams.out);
}

void show(Context& context, const Options& options) {
  print_object(context, ask(context, {.target = options.path()}).body);
}

// Until it is over; what it came to is printed.
void watch(Context& context, const Options& options) {
  constexpr std::chrono::milliseconds kInterval{200};
  const Streams& streams = context.streams;
  ProgressBar bar(streams.err, streams.err_is_terminal, streams.columns);
  std::string replay = ask(context, {.target = options.path()}).body;
  while (member(replay, "in_progress") == "true") {
    const std::uint64_t done = number(replay, "success_count") + number(replay, "failure_count");
    bar.show({.done = done, .total = number(replay, "event_count"), .items = done});
    std::this_thread::sleep_for(kInterval);
    replay = ask(context, {.target = options.path()}).body;
  }
  bar.clear();
  print_object(context, replay);
  const std::uint64_t failed = number(replay, "failure_count");
  if (failed > 0)
    throw Failure(Exit::refused,
                  context.json ? replay : std::to_string(failed) + " of its events failed");
}

void pause(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/pause");
}

void resume(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/resume");
}

void cancel(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/cancel");
}

void remove(Context& context, const Options& options) {
  ask(context, {.method = "DELETE", .target = options.path()});
}

}  // namespace

void add_replay(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callbacks, which CLI11 copies
  CLI::App* parent = app.add_subcommand("replay", "Deliver past events again");
  parent->require_subcommand(1);
  using ReplayRun = void (*)(Context&, const Options&);
  const auto add = [&](const char* name, const char* what, ReplayRun run) {
    CLI::App* command = parent->add_subcommand(name, what);
    command->callback([options, run, &chosen] {
      chosen = [options, run](Context& context) { run(context, *options); };
    });
    return command;
  };
  const auto add_with_id = [&](const char* name, const char* what, ReplayRun run) {
    add(name, what, run)->add_option("id", options->id, "The replay")->required();
  };

  CLI::App* started = add("start", "Start a replay", start);
  started->add_option("--group", options->group,
                      "Deliver to the members of this group; else to whoever subscribes");
  options->filter.add_to(*started);
  started->add_option("--from", options->from, "The first offset or time");
  started->add_option("--to", options->to, "The last offset or time; else the head");
  add("list", "Show every replay", list);
  add_with_id("show", "Show one replay with its failures", show);
  add_with_id("watch", "Wait until a replay is over; 1 if it has failures", watch);
  add_with_id("pause", "Deliver nothing more for now", pause);
  add_with_id("resume", "Go on after a pause", resume);
  add_with_id("cancel", "End a replay", cancel);
  add_with_id("delete", "Forget a replay", remove);
}

}  // namespace daybook::ctl
