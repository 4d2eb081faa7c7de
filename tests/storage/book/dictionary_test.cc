#include "storage/book/dictionary.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/base/bytes.h"

namespace daybook {
namespace {

TEST(Dictionary, NothingIsReferenceZero) {
  Dictionary dictionary;
  EXPECT_EQ(0u, dictionary.reference_to(""));
  EXPECT_EQ(0u, dictionary.count());
}

TEST(Dictionary, KeepsEachStringOnce) {
  std::mt19937_64 random(1);
  Dictionary dictionary;
  std::map<std::string, std::uint32_t> given;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = "name-" + std::to_string(random() % 700);
    const std::uint32_t reference = dictionary.reference_to(text);
    EXPECT_EQ(reference, given.emplace(text, reference).first->second) << text;
  }
  EXPECT_EQ(given.size(), dictionary.count());
}

TEST(Dictionary, WritesEndsThenStrings) {
  Dictionary dictionary;
  EXPECT_EQ(1u, dictionary.reference_to("ab"));
  EXPECT_EQ(2u, dictionary.reference_to("c"));
  EXPECT_EQ(1u, dictionary.reference_to("ab"));
  std::string expected;
  append_little(expected, std::uint32_t{2});
  append_little(expected, std::uint32_t{3});
  expected += "abc";
  std::string out = "before";
  dictionary.append_to(out);
  EXPECT_EQ("before" + expected, out);
  EXPECT_EQ(expected.size(), dictionary.bytes());
}

TEST(Dictionary, ClearedItForgets) {
  Dictionary dictionary;
  for (int i = 0; i < 200; ++i) dictionary.reference_to(std::to_string(i));
  dictionary.clear();
  EXPECT_EQ(0u, dictionary.bytes());
  EXPECT_EQ(1u, dictionary.reference_to("199"));
}

}  // namespace
}  // namespace daybook
