#include "storage/book/proof.h"

#include "storage/book/block.h"
#include "storage/book/book.h"
#include "storage/engine/keys.h"

namespace daybook {
namespace {

constexpr auto kBlocks = static_cast<std::size_t>(BookColumn::blocks);

Error hole(std::uint64_t expected, const std::string& where, std::uint64_t found) {
  return {Errc::corrupted, "book/: after offset " + std::to_string(expected - 1) + " comes " +
                               std::to_string(found) + " (" + where + "): events in between are " +
                               "missing; restore the data directory from a backup"};
}

// The offsets that files hold, told by their properties: no value is read.
Result<Offset> last_in_files(const engine::Database& book) {
  auto files = book.file_ranges(kBlocks);
  if (!files) return files.error();
  std::uint64_t next = 1;
  for (const engine::FileRange& file : *files) {
    if (file.count == 0) continue;
    if (file.first != next) return hole(next, file.file, file.first);
    if (file.count != file.last - file.first + 1)
      return Error{Errc::corrupted, file.file + " holds " + std::to_string(file.count) +
                                        " events of the offsets " + std::to_string(file.first) +
                                        " to " + std::to_string(file.last)};
    next = file.last + 1;
  }
  return Offset{next - 1};
}

}  // namespace

Result<BookEnd> prove_gapless(const engine::Database& book) {
  auto last = last_in_files(book);
  if (!last) return last.error();
  std::uint64_t next = last->value + 1;
  // What files do not hold was recovered from the write-ahead log.
  engine::Cursor cursor = book.walk(kBlocks);
  for (cursor.seek(engine::Key().number(next)); cursor.valid(); cursor.next()) {
    const auto range = block_range(cursor.key(), cursor.value());
    if (!range)
      return Error{Errc::corrupted, "book/: no block header at offset " + std::to_string(next)};
    if (range->first != next) return hole(next, "the write-ahead log", range->first);
    next += range->second;
  }
  if (auto status = cursor.status(); !status) return status.error();
  return BookEnd{.head = {next - 1}, .change = book.last_change()};
}

Result<void> prove_end(BookEnd recovered, BookEnd marked, const std::string& data_dir) {
  const auto gone = [&](const std::string& unit, std::uint64_t last, std::uint64_t said,
                        const std::string& what) {
    return Error{Errc::corrupted,
                 data_dir + "/book ends at " + unit + " " + std::to_string(last) + ", but " +
                     data_dir + "/head says that " + unit + " " + std::to_string(said) +
                     " was on disk: " + what + " are gone. Restore the directory from a backup, " +
                     "or accept the loss with `daybook verify --repair-head " + data_dir + "`"};
  };
  if (recovered.head < marked.head)
    return gone("offset", recovered.head.value, marked.head.value, "acknowledged events");
  if (recovered.change < marked.change)
    return gone("change", recovered.change, marked.change,
                "acknowledged changes of groups, or request keys,");
  return {};
}

}  // namespace daybook
