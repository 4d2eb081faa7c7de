// JSON documents that a careful person would not write: deep, huge numbers, every kind of escape,
// repeated members. Minified and valid; about half of them are more than jsonb can hold.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace daybook::postgres {

class StrangeJson {
 public:
  explicit StrangeJson(std::uint64_t seed) : random_(seed) {}

  std::string next();

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <std::size_t n>
  const char* any_of(const char* const (&texts)[n]) {
    return texts[below(n)];
  }

  std::string value(int depth);
  std::string container(int depth);
  std::string string();
  std::string number();
  std::string digits();
  std::string exponent();

  std::mt19937_64 random_;
};

}  // namespace daybook::postgres
