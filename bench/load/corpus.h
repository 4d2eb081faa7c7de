// The events that every rival is sent: 256 bytes of JSON each, about half of each payload random
// hex, over 100,000 aggregates, 8 event types and 1,000 tags. The seed is fixed and no library
// distribution is used, so the bytes are the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace daybook::load {

// An event taken apart, for a rival that stores columns. Views point into the corpus.
struct Columns {
  std::string_view event_type;
  std::string_view aggregate_type;
  std::string_view aggregate_id;
  std::string_view payload;
};

// How a corpus differs from what every rival is sent.
struct CorpusShape {
  std::size_t types = 8;       // more than 8 are named task.0000 and so on
  std::size_t aggregates = 0;  // so many, drawn at random; 0: each of 100,000 has its turn
  bool zipf = false;           // of those drawn, the k-th comes 1/k as often as the first
};

class Corpus {
 public:
  static constexpr std::size_t kEventBytes = 256;
  static constexpr std::size_t kEvents = 200'000;
  static constexpr std::size_t kAggregates = 100'000;
  static constexpr std::size_t kTypes = 8;

  Corpus() : Corpus(CorpusShape{}) {}
  explicit Corpus(const CorpusShape& shape);

  // The next `count` events joined by commas; begins again at the end.
  std::string_view take(std::size_t count);
  static constexpr std::size_t joined_bytes(std::size_t count) {
    return count * (kEventBytes + 1) - 1;
  }
  static Columns columns(std::string_view event);

 private:
  std::string text_;  // events, each followed by a comma
  std::size_t next_ = 0;
};

}  // namespace daybook::load
