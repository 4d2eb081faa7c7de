#include "storage/base/bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace daybook {
namespace {

const std::vector<std::uint64_t> kNumbers = {
    0, 1, 127, 128, 16'383, 16'384, 0xffff'ffff, std::uint64_t{1} << 63, ~std::uint64_t{0}};

TEST(Bytes, VarintsComeBack) {
  std::string bytes;
  for (const std::uint64_t number : kNumbers) append_varint(bytes, number);
  ByteReader in(bytes);
  for (const std::uint64_t number : kNumbers) EXPECT_EQ(number, in.varint());
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
}

TEST(Bytes, SmallNumbersOfEitherSignAreSmallVarints) {
  for (const std::int64_t number : {0L, -1L, 1L, -64L, 63L, INT64_MIN, INT64_MAX})
    EXPECT_EQ(number, unzigzag(zigzag(number)));
  EXPECT_EQ(1u, zigzag(-1));
  EXPECT_EQ(2u, zigzag(1));
}

TEST(Bytes, PastTheEndEverythingIsZeroAndTheReaderSaysSo) {
  ByteReader in("\x01\x02");
  EXPECT_EQ(0u, in.little<std::uint32_t>());
  EXPECT_FALSE(in.ok());
  EXPECT_EQ("", in.bytes(3));
}

TEST(Bytes, AVarintThatNeverEndsIsDamage) {
  const std::string endless(11, '\x80');
  ByteReader in(endless);
  EXPECT_EQ(0u, in.varint());
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, ATextThatClaimsMoreThanThereIsIsDamage) {
  std::string bytes;
  append_text(bytes, "whole");
  bytes.pop_back();
  ByteReader in(bytes);
  EXPECT_EQ("", in.text());
  EXPECT_FALSE(in.ok());
}

TEST(Bytes, BigEndianNumbersSortAsNumbers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t a = random() >> (random() % 64);
    const std::uint64_t b = random() >> (random() % 64);
    std::string as;
    std::string bs;
    append_big(as, a);
    append_big(bs, b);
    EXPECT_EQ(a < b, as < bs);
    EXPECT_EQ(a, read_big64(as.data()));
  }
}

}  // namespace
}  // namespace daybook
