// daybook append
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

#include "daemon/ctl/batch_sender.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/event_splitter.h"
#include "daemon/ctl/event_text.h"
#include "daemon/ctl/object_printer.h"
#include "daemon/ctl/progress.h"

namespace daybook::ctl {
namespace {

struct Options {
  std::string file;  // "-" or empty: standard input
  std::size_t batch = 1000;
  EventArguments event;

  bool has_event() const { return !event.type.empty(); }
};

void append_one(Context& context, const EventArguments& arguments) {
  const auto event = to_event(arguments);
  if (!event) throw Failure(Exit::usage, event.error().detail);
  print_object(context,
               ask(context, {.method = "POST", .target = "/v1/events", .body = *event}).body);
}

// `bytes` of the whole, for the progress bar; 0 where it is not known.
void append_from(Context& context, std::istream& in, std::uint64_t bytes, std::size_t batch) {
  constexpr std::size_t kPiece = 64 << 10;
  const Streams& streams = context.streams;
  ProgressBar bar(streams.err, streams.err_is_terminal, streams.columns);
  Progress progress{.done = 0, .total = bytes, .items = 0};
  BatchSender sender(context, batch);
  EventSplitter splitter;
  std::vector<char> piece(kPiece);
  Result<void> read;
  while (read && in.good()) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    read = splitter.feed({piece.data(), got}, [&](std::string_view event) { sender.add(event); });
    progress.done += got;
    progress.items = sender.appended().events;
    bar.show(progress);
  }
  if (read) read = splitter.finish();
  sender.finish();  // What was whole before a bad line is in the log, as the summary says.
  bar.clear();
  if (context.json)
    streams.out << sender.appended().to_json() << '\n';
  else
    streams.out << "appended " << sender.appended().to_text() << '\n';
  if (in.bad()) throw Failure(Exit::usage, "the input cannot be read");
  if (!read) throw Failure(Exit::usage, read.error().detail);
}

void append_file(Context& context, const Options& options) {
  if (options.file.empty() || options.file == "-") {
    append_from(context, context.streams.in, 0, options.batch);
    return;
  }
  std::ifstream in(options.file, std::ios::binary);
  if (!in) throw Failure(Exit::usage, options.file + " cannot be opened");
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(options.file, unknown);
  append_from(context, in, unknown ? 0 : bytes, options.batch);
}

void append(Context& context, const Options& options) {
  if (options.has_event()) {
    append_one(context, options.event);
  } else if (options.file.empty() && context.streams.in_is_terminal) {
    throw Failure(Exit::usage,
                  "nothing to append: give --type and --aggregate, or a FILE (- is this terminal)");
  } else {
    append_file(context, options);
  }
}

}  // namespace

void add_append(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<Options>();  // shared with the callback, which CLI11 copies
  EventArguments& event = options->event;
  CLI::App* command =
      app.add_subcommand("append", "Append one event, or a file of them (JSON lines or an array)");
  auto* file = command->add_option("file", options->file, "Events; - is standard input");
  command->add_option("--batch", options->batch, "Events of a file in one atomic append")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  auto* type = command->add_option("--type", event.type, "The event's type")->excludes(file);
  auto* aggregate = command->add_option("--aggregate", event.aggregate, "TYPE/ID")->needs(type);
  type->needs(aggregate);
  const auto add = [&](const char* name, std::string& value, const char* what) {
    command->add_option(name, value, what)->needs(type);
  };
  add("--payload", event.payload, "JSON; {} if left out");
  add("--metadata", event.metadata, "A JSON object");
  add("--id", event.id, "Makes a repeat of this append harmless");
  add("--schema-version", event.schema_version, "A number or a text");
  add("--correlation-id", event.correlation_id, "What this event belongs to");
  add("--causation-id", event.causation_id, "What this event follows from");
  add("--occurred-at", event.occurred_at, "A time (RFC 3339)");
  add("--expected-sequence", event.expected_sequence, "A number, none, exists or any");
  command->add_option("--tag", event.tags, "name:value by custom; repeats")
      ->allow_extra_args(false)
      ->needs(type);
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { append(context, *options); }; });
}

}  // namespace daybook::ctl
