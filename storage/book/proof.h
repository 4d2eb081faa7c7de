// Proves that a book is whole: no offset is missing, and the end is not before the head mark.
#pragma once

#include "storage/base/ids.h"
#include "storage/base/result.h"
#include "storage/engine/database.h"

namespace daybook {

// The last offset of the book. `corrupted` names the first hole.
Result<Offset> prove_gapless(const engine::Database& book);

// `corrupted` where the book ends before the mark: acknowledged events are gone.
Result<void> prove_end(Offset recovered, Offset marked, const std::string& data_dir);

}  // namespace daybook
