// Keeps with every file of a column which numbers it holds, so that a start can prove that none is
// missing without reading the values.
#pragma once

#include <rocksdb/table_properties.h>

#include <optional>

#include "storage/engine/database.h"

namespace daybook::engine {

class RangeCollectorFactory final : public rocksdb::TablePropertiesCollectorFactory {
 public:
  explicit RangeCollectorFactory(RangeOf range_of) : range_of_(range_of) {}
  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(
      rocksdb::TablePropertiesCollectorFactory::Context context) override;
  const char* Name() const override { return "daybook.range"; }

 private:
  RangeOf range_of_;
};

// nullopt: the file has no such property, or a damaged one.
std::optional<FileRange> range_of_file(const std::string& file,
                                       const rocksdb::TableProperties& properties);

}  // namespace daybook::engine
