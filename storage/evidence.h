// What was looked up for a command before it was queued, so that deciding never reads the disk:
// facts as of one offset. What is at or below it cannot change; what came after is in the window.
#pragma once

#include <optional>
#include <vector>

#include "storage/book/book.h"
#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/model/command.h"
#include "storage/reader.h"

namespace daybook {

struct Evidence {
  Offset as_of;
  // Of an append, by the index of its events; 0 where the aggregate was not known.
  std::vector<Sequence> heads;
  // By the index of its events; empty where no event has an id of the client's.
  std::vector<std::optional<KnownId>> known_ids;
  // By the index of its conditions.
  std::vector<Sequence> checked_heads;
  std::vector<std::optional<Offset>> first_matches;
  std::optional<RememberedRequest> remembered;
  // Of a group command: the offset that its start point means.
  Offset start;
  Offset upto;  // of a replay: the offset that its end means, unless that is the head
};

// Gathers evidence. Any thread; with Tier::memory_only `not_yet` where the disk must be asked.
// `recovering` for an append where the window is not whole; commands of groups need no index.
class Gatherer {
 public:
  Gatherer(const Book& book, const Index& index, const Window& window, const Reader& reader,
           std::size_t condition_postings)
      : book_(book),
        index_(index),
        window_(window),
        reader_(reader),
        condition_postings_(condition_postings) {}

  Result<Evidence> gather(const Command& command, engine::Tier tier) const;

 private:
  Result<Evidence> gather(const Append& append, engine::Tier tier) const;
  using ReplayEnd = decltype(CreateReplay::upto);
  Result<Evidence> with_points(Evidence evidence, const GroupStart& start, const ReplayEnd& upto,
                               engine::Tier tier) const;
  Result<void> gather_conditions(const Append& append, engine::Tier tier, Evidence& evidence) const;
  Result<Sequence> head(std::string_view aggregate_term, engine::Tier tier) const;

  const Book& book_;
  const Index& index_;
  const Window& window_;
  const Reader& reader_;
  const std::size_t condition_postings_;
};

}  // namespace daybook
