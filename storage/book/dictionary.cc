#include "storage/book/dictionary.h"

#include <xxhash.h>

#include <algorithm>

#include "storage/base/bytes.h"

namespace daybook {

std::string_view Dictionary::at(std::uint32_t reference) const {
  const std::uint32_t begin = reference == 1 ? 0 : ends_[reference - 2];
  return std::string_view(strings_).substr(begin, ends_[reference - 1] - begin);
}

std::uint32_t Dictionary::reference_to(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  std::size_t place = hash & (places_.size() - 1);
  for (; places_[place] != 0; place = (place + 1) & (places_.size() - 1)) {
    const std::uint32_t reference = places_[place];
    if (hashes_[reference - 1] == hash && at(reference) == text) return reference;
  }
  strings_.append(text);
  ends_.push_back(static_cast<std::uint32_t>(strings_.size()));
  hashes_.push_back(hash);
  const auto reference = static_cast<std::uint32_t>(ends_.size());
  places_[place] = reference;
  if (ends_.size() * 2 > places_.size()) grow();
  return reference;
}

void Dictionary::grow() {
  places_.assign(places_.size() * 2, 0);
  for (std::uint32_t reference = 1; reference <= ends_.size(); ++reference) {
    std::size_t place = hashes_[reference - 1] & (places_.size() - 1);
    while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
    places_[place] = reference;
  }
}

void Dictionary::append_to(std::string& out) const {
  for (const std::uint32_t end : ends_) append_little(out, end);
  out.append(strings_);
}

void Dictionary::clear() {
  strings_.clear();
  ends_.clear();
  hashes_.clear();
  std::ranges::fill(places_, 0);
}

}  // namespace daybook
