// daybook projection list|show|wait|rebuild|pause|resume|failures|retry|put|delete
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/duration.h"
#include "daemon/ctl/filter_options.h"
#include "daemon/ctl/json_object.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/raw_json.h"
#include "daemon/ctl/table.h"

namespace daybook::ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Options {
  std::string name;
  std::optional<std::uint64_t> offset;
  std::string timeout;  // a duration
  bool waits = false;
  std::string after = "0";
  std::uint64_t limit = 100;
  std::vector<std::uint64_t> offsets;
  std::string file;

  std::string path() const { return "/v1/projections/" + client::percent_encode(name); }
};

void list(Context& context, const Options&) {
  const Streams& streams = context.streams;
  Table table({"NAME", "KIND", "PHASE", "CHECKPOINT", "LAG", "SECONDS", "FAILED", "TROUBLE"},
              streams.out_is_terminal ? streams.columns : 0);
  const auto response = ask(context, {.target = "/v1/projections"});
  for (const std::string_view projection : elements(member(response.body, "projections"))) {
    if (context.json) streams.out << projection << '\n';
    const auto text = [&](const char* name) { return to_text(member(projection, name)); };
    table.add({text("name"), text("kind"), text("phase"), text("checkpoint"), text("lag"),
               text("lag_seconds"), text("failed_events"), text("trouble")});
  }
  if (!context.json) table.print(streams.out);
}

void show(Context& context, const Options& options) {
  print_object(context, ask(context, {.target = options.path()}).body);
}

// In slices that end well before the connection's timeout.
void wait(Context& context, const Options& options) {
  constexpr milliseconds kSlice{10'000};
  const milliseconds whole =
      options.timeout.empty() ? milliseconds::max() : parse_duration(options.timeout);
  const auto began = steady_clock::now();
  const std::string offset =
      options.offset ? std::to_string(*options.offset)
                     : to_text(member(ask(context, {.target = options.path()}).body, "head"));
  for (;;) {
    const auto waited = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    const milliseconds slice = std::clamp(whole - waited, milliseconds(0), kSlice);
    const auto response = context.connection().send(
        {.target = options.path(),
         .headers = {{"Daybook-Min-Offset", offset},
                     {"Daybook-Wait-Ms", std::to_string(slice.count())}}});
    if (!response) throw Failure(Exit::unreachable, response.error().detail);
    if (response->is_success()) return print_object(context, response->body);
    if (!is_problem(*response, "not_yet") || slice < kSlice) throw refusal(context, *response);
  }
}

void rebuild(Context& context, const Options& options) {
  constexpr milliseconds kInterval{200};
  const Streams& streams = context.streams;
  ProgressBar bar(streams.err, streams.err_is_terminal, streams.columns);
  std::string projection =
      ask(context, {.method = "POST", .target = options.path() + "/rebuild"}).body;
  while (options.waits && member(projection, "build") != "null") {
    const std::string_view build = member(projection, "build");
    bar.show({.done = number(build, "checkpoint"),
              .total = number(projection, "head"),
              .items = number(build, "events")});
    std::this_thread::sleep_for(kInterval);
    projection = ask(context, {.target = options.path()}).body;
  }
  bar.clear();
  print_object(context, projection);
}

void pause(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/pause");
}

void resume(Context& context, const Options& options) {
  post_and_print(context, options.path() + "/resume");
}

void failures(Context& context, const Options& options) {
  constexpr std::uint64_t kPage = 100;
  const Streams& streams = context.streams;
  std::string after = options.after;
  std::uint64_t left = options.limit == 0 ? ~std::uint64_t{0} : options.limit;
  Table table({"OFFSET", "ID", "FAILED", "REASON"}, streams.out_is_terminal ? streams.columns : 0);
  do {
    const Parameters parameters{{"after", after}, {"limit", std::to_string(std::min(left, kPage))}};
    const auto page =
        ask(context, {.target = client::with_query(options.path() + "/failures", parameters)});
    const auto failed = elements(member(page.body, "failures"));
    for (const std::string_view failure : failed) {
      if (context.json) {
        streams.out << failure << '\n';
        continue;
      }
      const auto text = [&](const char* name) { return to_text(member(failure, name)); };
      table.add({text("offset"), text("id"), text("failed_at"), text("reason")});
    }
    if (!context.json) table.print(streams.out);
    left -= std::min<std::uint64_t>(left, failed.size());
    after = to_text(member(page.body, "next_after"));
  } while (left > 0 && !after.empty());
}

void retry(Context& context, const Options& options) {
  std::string offsets;
  for (const std::uint64_t offset : options.offsets)
    offsets += (offsets.empty() ? "" : ",") + std::to_string(offset);
  JsonObject body;
  if (!offsets.empty()) body.add("offsets", '[' + offsets + ']');
  const auto response =
      ask(context, {.method = "POST", .target = options.path() + "/retry", .body = body.finish()});
  print_object(context, response.body);
  const std::uint64_t failed = number(response.body, "failed");
  if (failed > 0)
    throw Failure(Exit::refused,
                  context.json ? response.body : std::to_string(failed) + " failed again");
}

std::string read_whole(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), {}};
}

void put(Context& context, const Options& options) {
  std::string definition;
  if (options.file == "-") {
    definition = read_whole(context.streams.in);
  } else {
    std::ifstream in(options.file, std::ios::binary);
    if (!in) throw Failure(Exit::usage, options.file + " cannot be opened");
    definition = read_whole(in);
  }
  const auto response =
      ask(context, {.method = "PUT", .target = options.path(), .body = std::move(definition)});
  print_object(context, response.body);
}

void remove(Context& context, const Options& options) {
  ask(context, {.method = "DELETE", .target = options.path()});
}

}  // namespace

void add_projection(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callbacks, which CLI11 copies
  CLI::App* parent =
      app.add_subcommand("projection", "Show and steer what is posted to PostgreSQL and Redis");
  parent->require_subcommand(1);
  using ProjectionRun = void (*)(Context&, const Options&);
  const auto add = [&](const char* name, const char* what, ProjectionRun run) {
    CLI::App* command = parent->add_subcommand(name, what);
    command->callback([options, run, &chosen] {
      chosen = [options, run](Context& context) { run(context, *options); };
    });
    return command;
  };
  const auto add_named = [&](const char* name, const char* what, ProjectionRun run) {
    CLI::App* command = add(name, what, run);
    command->add_option("name", options->name, "The projection")->required();
    return command;
  };

  add("list", "Show every projection", list);
  add_named("show", "Show one projection", show);
  CLI::App* waited = add_named("wait", "Wait until an offset is posted; 1 if it is not", wait);
  waited->add_option("--offset", options->offset, "Up to this one; else the head of now");
  waited->add_option("--timeout", options->timeout, "Give up after this; else never");
  add_named("rebuild", "Build its tables anew, beside the old ones", rebuild)
      ->add_flag("--wait", options->waits, "Until users see the new ones");
  add_named("pause", "Post nothing more for now", pause);
  add_named("resume", "Go on after a pause", resume);
  CLI::App* failed = add_named("failures", "Show the events that could not be posted", failures);
  failed->add_option("--after", options->after, "Offsets greater than this");
  failed->add_option("--limit", options->limit, "At most so many; 0: all")->capture_default_str();
  add_named("retry", "Post failed events again; 1 if any fails again", retry)
      ->add_option("offset", options->offsets, "These; else all");
  add_named("put", "Declare a read model, or change one", put)
      ->add_option("file", options->file, "Its definition in JSON; - is standard input")
      ->required();
  add_named("delete", "Drop a declared read model with its table", remove);
}

}  // namespace daybook::ctl
