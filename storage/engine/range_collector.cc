#include "storage/engine/range_collector.h"

#include <algorithm>
#include <cstdio>

namespace daybook::engine {
namespace {

constexpr const char* kProperty = "daybook.range";

class RangeCollector final : public rocksdb::TablePropertiesCollector {
 public:
  explicit RangeCollector(RangeOf range_of) : range_of_(range_of) {}

  rocksdb::Status AddUserKey(const rocksdb::Slice& key, const rocksdb::Slice& value,
                             rocksdb::EntryType type, rocksdb::SequenceNumber /*sequence*/,
                             std::uint64_t /*file_size*/) override {
    if (type != rocksdb::kEntryPut) return rocksdb::Status::OK();
    const auto range = range_of_({key.data(), key.size()}, {value.data(), value.size()});
    if (!range) return rocksdb::Status::Corruption("entry without a readable range");
    if (count_ == 0) first_ = range->first;
    last_ = std::max(last_, range->first + range->second - 1);
    count_ += range->second;
    return rocksdb::Status::OK();
  }

  rocksdb::Status Finish(rocksdb::UserCollectedProperties* properties) override {
    *properties = GetReadableProperties();
    return rocksdb::Status::OK();
  }

  rocksdb::UserCollectedProperties GetReadableProperties() const override {
    char text[80];
    std::snprintf(text, sizeof text, "%llu %llu %llu", static_cast<unsigned long long>(first_),
                  static_cast<unsigned long long>(last_), static_cast<unsigned long long>(count_));
    return {{kProperty, text}};
  }

  const char* Name() const override { return kProperty; }

 private:
  RangeOf range_of_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

rocksdb::TablePropertiesCollector* RangeCollectorFactory::CreateTablePropertiesCollector(
    rocksdb::TablePropertiesCollectorFactory::Context /*context*/) {
  return new RangeCollector(range_of_);
}

std::optional<FileRange> range_of_file(const std::string& file,
                                       const rocksdb::TableProperties& properties) {
  const auto found = properties.user_collected_properties.find(kProperty);
  if (found == properties.user_collected_properties.end()) return std::nullopt;
  unsigned long long first = 0;
  unsigned long long last = 0;
  unsigned long long count = 0;
  if (std::sscanf(found->second.c_str(), "%llu %llu %llu", &first, &last, &count) != 3)
    return std::nullopt;
  return FileRange{.file = file, .first = first, .last = last, .count = count};
}

}  // namespace daybook::engine
