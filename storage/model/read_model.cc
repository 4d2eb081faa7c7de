// See read_model.h.
#include "storage/model/read_model.h"

#include <algorithm>

namespace daybook {

std::string_view name(ReadModelChange::Kind kind) {
  using Kind = ReadModelChange::Kind;
  switch (kind) {
    case Kind::set: return "set";
    case Kind::increment: return "increment";
    case Kind::max: return "max";
    case Kind::min: return "min";
  }
  return "set";
}

const ReadModelColumn* ReadModel::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &ReadModelColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace daybook
