// Proves that a book is whole: no offset is missing, and the end is not before the head mark.
#pragma once

#include "storage/base/result.h"
#include "storage/book/head_mark.h"
#include "storage/engine/database.h"

namespace daybook {

// Where the book ends. `corrupted` names the first hole.
Result<BookEnd> prove_gapless(const engine::Database& book);

// `corrupted` where the book ends before the mark: something acknowledged is gone.
Result<void> prove_end(BookEnd recovered, BookEnd marked, const std::string& data_dir);

}  // namespace daybook
