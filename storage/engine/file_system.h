// Where RocksDB's bytes go, for storage/engine alone.
#pragma once

#include "storage/engine/database.h"

namespace rocksdb {
class Env;
}

namespace daybook::engine {

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual rocksdb::Env* env() = 0;
};

}  // namespace daybook::engine
