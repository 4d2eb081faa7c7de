// How Daybook runs RocksDB 7.8.3: what design and trials say, in one place.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>
#include <rocksdb/write_buffer_manager.h>

#include <memory>

#include "storage/engine/database.h"

namespace daybook::engine {

struct SharedMemory::Impl {
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables;
};

rocksdb::DBOptions database_options(const Options& options, bool create);
rocksdb::ColumnFamilyOptions column_options(const Options& options, const Column& column);

Error to_error(const rocksdb::Status& status, std::string_view doing);

}  // namespace daybook::engine
