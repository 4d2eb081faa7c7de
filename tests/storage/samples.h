// What storage tests are built from: owned events and requests, directories that vanish, and texts
// of results that compare as a whole.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/model/command.h"
#include "storage/model/query.h"

namespace daybook {

template <class Tag>
void PrintTo(Position<Tag> position, std::ostream* out) {
  *out << position.value;
}

namespace test {

// Removed at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Event {
  std::string event_type = "thing.done";
  std::string aggregate_type = "thing";
  std::string aggregate_id = "1";
  std::string id;
  std::string schema_version = "1";
  std::string correlation_id;
  std::string causation_id;
  std::string payload = "{}";
  std::string metadata = "{}";
  std::optional<Timestamp> occurred_at;
  Expected expected;
  std::vector<std::string> tags;
};

struct Request {
  std::string id_space;
  std::string principal;
  std::vector<Event> events;
  std::vector<Condition> conditions;
  std::optional<CommitOffset> commit;
  std::optional<AckWithAppend> ack;
  std::optional<RequestKey> request_key;
  Timestamp stamped_at{1'000'000};
  std::uint64_t randomness = 1;
};

// Sealed. Its views point into the request, which must stay where it is.
Append append_of(const Request& request);

// A row that has everything that a row can have, but for an active member.
GroupRow replay_row();

inline Expected exactly(std::uint64_t sequence) {
  return {.kind = Expected::Kind::exact, .sequence = {sequence}};
}

// "ok", or the name of the code.
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : std::string(name(result.error().code));
}

// Every member, one text.
std::string describe(const EventView& event);
std::string describe(const GroupRow& row);
std::string describe(const Error& error);  // the detail aside
std::string describe(const AggregateInfo& info);
std::vector<std::uint64_t> offsets_of(const Page& page);

}  // namespace test
}  // namespace daybook
