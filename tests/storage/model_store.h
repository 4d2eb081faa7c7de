// What the log has to answer, told by vectors and maps alone: no blocks, no index, no window, no
// evidence. Commands come one by one; each outcome is a text that `describe` gives for the real
// one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "storage/model/command.h"
#include "storage/model/query.h"
#include "tests/storage/samples.h"

namespace daybook::test {

using Step = std::variant<Request, PutGroup, DeleteGroup, CommitOffset, ResetGroup, TakeGroup>;

struct ModelEvent {
  Event content;
  std::string id_space;
  std::string id;  // a server-made one is told by `learn_id`
  std::string principal;
  Offset offset;
  Sequence sequence;
  Timestamp recorded_at;
  std::uint32_t batch_index = 0;

  EventView view() const;
};

class ModelStore {
 public:
  // Decides and applies. `start` is what `resolve` said of a group command's start point.
  std::string apply(const Step& step, Offset start);
  // nullopt: beyond the head.
  std::optional<Offset> resolve(const GroupStart& start) const;
  void learn_id(Offset offset, const std::string& id);

  Offset head() const { return Offset{events_.size()}; }
  // What `describe` says of the event; to be asked once its id is known.
  const std::string& text(Offset offset) const;
  const ModelEvent& at(Offset offset) const { return events_[offset.value - 1]; }
  const std::vector<ModelEvent>& events() const { return events_; }
  const std::map<std::string, GroupRow>& groups() const { return groups_; }
  const std::vector<Request>& accepted() const { return accepted_; }

  Sequence sequence_of(const std::string& type, const std::string& id) const;
  std::optional<Offset> offset_of(const std::string& id_space, const std::string& id) const;
  // Everything that the query asks for, however many pages it takes.
  std::vector<Offset> matching(const Query& query) const;
  std::optional<AggregateInfo> aggregate(const std::string& type, const std::string& id) const;
  std::vector<Offset> aggregate_offsets(const AggregateQuery& query) const;
  // Of the type, or of all where it is empty; in the order of lists.
  std::vector<AggregateInfo> aggregates(const std::string& type) const;

 private:
  using Name = std::pair<std::string, std::string>;
  struct Remembered {
    Digest body;
    Offset first;
    std::size_t count = 0;
  };

  std::string append(const Request& request);
  std::optional<std::string> repeat_or_refusal(const Request& request) const;
  std::optional<std::string> failing_checks(const Request& request) const;
  std::optional<Errc> refusal(const CommitOffset& commit) const;
  std::string put(const PutGroup& put, Offset start);
  std::string commit(const CommitOffset& commit);
  std::string reset(const ResetGroup& reset, Offset start);
  std::string take(const TakeGroup& take);

  std::vector<ModelEvent> events_;
  mutable std::vector<std::string> texts_;  // of events, where they were asked for
  std::vector<Request> accepted_;
  std::map<Name, std::vector<Offset>> aggregates_;
  std::map<Name, Offset> ids_;  // by id space and id
  std::map<Name, Remembered> requests_;
  std::map<std::string, GroupRow> groups_;
};

bool model_matches(const Filter& filter, const ModelEvent& event);

}  // namespace daybook::test
