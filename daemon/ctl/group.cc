// daybook group create|list|show|commit|reset|pause|resume|delete
#include <CLI/CLI.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/group_create.h"
#include "daemon/ctl/group_place.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string group;
  std::uint64_t offset = 0;
  std::string generation;
  std::string to;

  std::string path() const { return "/v1/groups/" + client::percent_encode(group); }
};

// Of a queue: why nothing is delivered now, and first whether it should be.
std::string state_of(std::string_view group) {
  const std::string stalled = to_text(member(group, "stalled"));
  return stalled == "false" ? to_text(member(group, "idle")) : "stalled: " + stalled;
}

void list(Context& context) {
  Table table({"GROUP", "MODE", "COMMITTED", "LAG", "SECONDS", "IN-FLIGHT", "DEAD", "MEMBERS",
               "GENERATION", "STATE"},
              0);
  std::string after;
  do {
    const Parameters page = after.empty() ? Parameters{} : Parameters{{"after", after}};
    const auto response = ask(context, {.target = client::with_query("/v1/groups", page)});
    for (const std::string_view group : elements(member(response.body, "groups"))) {
      if (context.json) context.streams.out << group << '\n';
      const auto text = [&](const char* name) { return to_text(member(group, name)); };
      table.add({text("group"), text("mode"), text("committed"), text("lag"), text("lag_seconds"),
                 text("in_flight"), text("dead_letters"),
                 std::to_string(elements(member(group, "members")).size()), text("generation"),
                 state_of(group)});
    }
    after = to_text(member(response.body, "next_after"));
  } while (!after.empty());
  if (!context.json) table.print(context.streams.out);
}

void show(Context& context, const Options& options) {
  print_object(context, ask(context, {.target = options.path()}).body);
}

void remove(Context& context, const Options& options) {
  ask(context, {.method = "DELETE", .target = options.path()});
}

void pause(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/pause");
}

void resume(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/resume");
}

void commit(Context& context, const Options& options) {
  std::string body = "{\"offset\":" + std::to_string(options.offset);
  if (!options.generation.empty()) body += ",\"generation\":" + options.generation;
  post_and_print(context, options.path() + "/commit", body + '}');
}

void reset(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/reset", "{\"to\":" + place_to_json(options.to) + '}');
}

using GroupRun = void (*)(Context&, const Options&);

// A subcommand that names a group.
CLI::App* add(CLI::App& parent, const char* name, const char* what,
              const std::shared_ptr<Options>& options, GroupRun run, Run& chosen) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("group", options->group, "The group")->required();
  command->callback([options, run, &chosen] {
    chosen = [options, run](Context& context) { run(context, *options); };
  });
  return command;
}

}  // namespace

void add_group(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callbacks, which CLI11 copies
  CLI::App* group = app.add_subcommand("group", "Make, show, move, pause and delete groups");
  group->require_subcommand(1);
  add_group_create(*group, chosen);
  group->add_subcommand("list", "Show every group")->callback([&chosen] { chosen = list; });
  add(*group, "show", "Show one group", options, show, chosen);

  CLI::App* forward =
      add(*group, "commit", "Say that all up to an offset is finished", options, commit, chosen);
  forward->add_option("offset", options->offset, "The last finished offset")->required();
  forward->add_option("--generation", options->generation, "Only if it is still this one")
      ->check(CLI::NonNegativeNumber);

  CLI::App* back = add(*group, "reset", "Move a group back or forth", options, reset, chosen);
  back->add_option("--to", options->to, "beginning, head, an offset, or a time (RFC 3339)")
      ->required();

  add(*group, "pause", "Deliver nothing more from a queue", options, pause, chosen);
  add(*group, "resume", "Deliver again, after a pause", options, resume, chosen);
  add(*group, "delete", "Delete a group with its dead letters", options, remove, chosen);
}

}  // namespace daybook::ctl
