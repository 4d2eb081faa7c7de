// daybook dead-letters list|show|retry|discard
#include <CLI/CLI.hpp>
#include <algorithm>
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
  std::string group;
  std::vector<std::uint64_t> offsets;
  FilterOptions filter;
  std::string after;
  std::uint64_t limit = 100;
  bool all = false;
  bool is_sure = false;
  bool of_replay = false;

  std::string path() const {
    return (of_replay ? "/v1/replays/" : "/v1/groups/") + client::percent_encode(group) +
           "/dead-letters";
  }
};

Table::Row to_row(std::string_view letter) {
  const auto text = [&](const char* name) { return to_text(member(letter, name)); };
  const std::string_view event = member(letter, "event");
  const auto failures = elements(member(letter, "failures"));
  const std::string_view last = failures.empty() ? std::string_view() : failures.back();
  std::string state = text("retrying") == "true" ? "retrying" : "dead";
  if (const std::string held = text("held"); !held.empty() && held != "0")
    state += ", holds " + held;
  return {text("offset"),
          text("died_at"),
          to_text(member(event, "event_type")),
          to_text(member(event, "aggregate_type")) + '/' + to_text(member(event, "aggregate_id")),
          text("attempts"),
          text("retried"),
          state,
          to_text(member(last, "kind")) + ": " + to_text(member(last, "reason"))};
}

void list(Context& context, const Options& options) {
  const Streams& streams = context.streams;
  const Parameters filter = options.filter.parameters();
  std::string after = options.after;
  std::uint64_t left = options.limit == 0 ? ~std::uint64_t{0} : options.limit;
  Table table({"OFFSET", "DIED", "TYPE", "AGGREGATE", "ATTEMPTS", "RETRIED", "STATE", "LAST"},
              streams.out_is_terminal ? streams.columns : 0);
  do {
    Parameters parameters = filter;
    if (!after.empty()) parameters.emplace_back("after", after);
    parameters.emplace_back("limit", std::to_string(std::min<std::uint64_t>(left, 100)));
    const auto page = ask(context, {.target = client::with_query(options.path(), parameters)});
    const auto letters = elements(member(page.body, "dead_letters"));
    for (const std::string_view letter : letters) {
      if (context.json)
        streams.out << letter << '\n';
      else
        table.add(to_row(letter));
    }
    if (!context.json) table.print(streams.out);
    left -= std::min<std::uint64_t>(left, letters.size());
    after = to_text(member(page.body, "next_after"));
  } while (left > 0 && !after.empty());
}

void show(Context& context, const Options& options) {
  for (const std::uint64_t offset : options.offsets)
    print_object(context,
                 ask(context, {.target = options.path() + '/' + std::to_string(offset)}).body);
}

// "retry" or "discard", and what the daemon calls it when done.
struct Change {
  const char* verb;
  const char* done;
};

void report(Context& context, const Change& change, std::uint64_t count) {
  const std::string number = std::to_string(count);
  if (context.json)
    context.streams.out << "{\"" << change.done << "\":" << number << "}\n";
  else
    context.streams.out << change.done << ' ' << number << (count == 1 ? " event\n" : " events\n");
}

void change_named(Context& context, const Options& options, const Change& change) {
  std::string offsets;
  for (const std::uint64_t offset : options.offsets)
    offsets += (offsets.empty() ? "" : ",") + std::to_string(offset);
  const auto response = ask(context, {.method = "POST",
                                      .target = options.path() + '/' + change.verb,
                                      .body = "{\"offsets\":[" + offsets + "]}"});
  const auto refused = elements(member(response.body, "refused"));
  report(context, change, number(response.body, change.done));
  if (refused.empty()) return;
  std::string text;
  for (const std::string_view one : refused)
    text += (text.empty() ? "" : "\n") + to_text(member(one, "offset")) +
            " refused: " + printable(to_text(member(one, "code")));
  throw Failure(Exit::refused, context.json ? response.body : text);
}

// In steps, as the daemon bounds them. One that neither changes anything nor gets on has found no
// room in the queue.
void change_matching(Context& context, const Options& options, const Change& change) {
  constexpr std::chrono::seconds kWaitForRoom{1};
  const Streams& streams = context.streams;
  const std::string filter = options.filter.to_json();
  std::uint64_t count = 0;
  std::string after;
  ProgressBar bar(streams.err, streams.err_is_terminal, streams.columns);
  do {
    JsonObject body;
    body.add("filter", filter);
    body.add_number_or_text("after", after);
    const auto response = ask(
        context,
        {.method = "POST", .target = options.path() + '/' + change.verb, .body = body.finish()});
    const std::uint64_t changed = number(response.body, change.done);
    std::string next = to_text(member(response.body, "next_after"));
    count += changed;
    bar.show({.items = count});
    if (changed == 0 && next == after && !next.empty()) std::this_thread::sleep_for(kWaitForRoom);
    after = std::move(next);
  } while (!after.empty());
  bar.clear();
  report(context, change, count);
}

void change(Context& context, const Options& options, const Change& change) {
  const bool by_filter = options.all || !options.filter.is_empty();
  if (by_filter == !options.offsets.empty())
    throw Failure(Exit::usage, "say which: offsets, or a filter, or --all");
  if (options.all && !options.filter.is_empty())
    throw Failure(Exit::usage, "either a filter or --all");
  const bool needs_yes = options.all && change.verb == std::string_view("discard");
  if (needs_yes && !options.is_sure)
    throw Failure(Exit::usage, "discarding all dead letters needs --yes");
  by_filter ? change_matching(context, options, change) : change_named(context, options, change);
}

void retry(Context& context, const Options& options) {
  change(context, options, {.verb = "retry", .done = "retried"});
}

void discard(Context& context, const Options& options) {
  change(context, options, {.verb = "discard", .done = "discarded"});
}

}  // namespace

void add_dead_letters(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callbacks, which CLI11 copies
  CLI::App* parent = app.add_subcommand("dead-letters", "Show and settle what a queue gave up on");
  parent->require_subcommand(1);
  using LettersRun = void (*)(Context&, const Options&);
  const auto add = [&](const char* name, const char* what, LettersRun run) {
    CLI::App* command = parent->add_subcommand(name, what);
    command->add_option("group", options->group, "The group")->required();
    command->callback([options, run, &chosen] {
      chosen = [options, run](Context& context) { run(context, *options); };
    });
    return command;
  };
  const auto add_replay = [&](CLI::App* command) {  // a replay's are not shown one by one
    command->add_flag("--replay", options->of_replay, "Of a replay: its id instead of the group");
  };
  const auto add_choice = [&](CLI::App* command) {
    command->add_option("offset", options->offsets, "These");
    options->filter.add_to(*command);
    command->add_flag("--all", options->all, "All of them");
    add_replay(command);
  };

  CLI::App* listed = add("list", "Show dead letters, the oldest first", list);
  options->filter.add_to(*listed);
  add_replay(listed);
  listed->add_option("--after", options->after, "Offsets greater than this");
  listed->add_option("--limit", options->limit, "At most so many; 0: all")->capture_default_str();
  add("show", "Show dead letters with their event and its failures", show)
      ->add_option("offset", options->offsets, "Which ones")
      ->required();
  add_choice(add("retry", "Deliver dead letters again", retry));
  CLI::App* discarded = add("discard", "Give dead letters up for good", discard);
  add_choice(discarded);
  discarded->add_flag("--yes", options->is_sure, "With --all: do so");
}

}  // namespace daybook::ctl
