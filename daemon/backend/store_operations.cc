#include "daemon/backend/store_operations.h"

#include "daemon/version.h"

namespace daybook {

void StoreOperations::measure() {
  book_bytes_.store(store_.book().disk_bytes());
  index_bytes_.store(store_.index().disk_bytes());
}

StatusInfo StoreOperations::status() const {
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - began_;
  return {.version = kVersion,
          .log_id = EventId{.text = {}, .uuid = store_.log_id()}.to_string(),
          .head = store_.committed(),
          .written = store_.written(),
          .floor = Offset{1},
          .indexed = store_.index().posted(),
          .book_bytes = book_bytes_.load(),
          .index_bytes = index_bytes_.load(),
          .window_bytes = store_.window().bytes(),
          .uptime_seconds = uptime.count()};
}

}  // namespace daybook
