// The strings of one block, each kept once. References count from 1; 0 is the empty string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

class Dictionary {
 public:
  std::uint32_t reference_to(std::string_view text);
  std::size_t count() const { return ends_.size(); }
  std::size_t bytes() const { return strings_.size() + ends_.size() * sizeof(std::uint32_t); }
  // The table of ends, then the strings: what a block holds.
  void append_to(std::string& out) const;
  void clear();

 private:
  std::string_view at(std::uint32_t reference) const;
  void grow();

  std::string strings_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint64_t> hashes_;                                  // of each string
  std::vector<std::uint32_t> places_{std::vector<std::uint32_t>(64)};  // open addressing; 0: free
};

}  // namespace daybook
