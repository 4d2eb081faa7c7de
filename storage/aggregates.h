// Reads by aggregate: one aggregate's facts, its events by sequence, and the list of all. Any
// thread that may wait for the disk.
#pragma once

#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/model/query.h"
#include "storage/reader.h"

namespace daybook {

class Aggregates {
 public:
  Aggregates(const Index& index, const Window& window, const Reader& reader)
      : index_(index), window_(window), reader_(reader) {}

  // Each fails with `recovering` where the window is not whole.
  Result<AggregateInfo> find(const std::string& type, const std::string& id) const;
  Result<Page> read(const AggregateQuery& query) const;
  Result<AggregateList> list(const AggregateListQuery& query) const;

 private:
  // Nothing where the aggregate does not exist; `not_yet` where the index has meanwhile gone beyond
  // the view's head: take a new view.
  Result<std::optional<AggregateInfo>> find_in(const WindowView& window, const std::string& type,
                                               const std::string& id) const;
  Result<Page> read_in(const WindowView& window, const AggregateQuery& query, Sequence last) const;
  Result<std::vector<Offset>> offsets(const AggregateQuery& query, Sequence from, Sequence to,
                                      const WindowView& window) const;

  const Index& index_;
  const Window& window_;
  const Reader& reader_;
};

}  // namespace daybook
