#include "storage/server_id.h"

#include <gtest/gtest.h>

#include <random>

#include "storage/model/event.h"
#include "tests/storage/samples.h"

namespace daybook {
namespace {

constexpr LogId kLog = {0xab, 0xcd, 1, 2};
constexpr Timestamp kTime{1'769'248'800'123'456};

std::string text_of(const Uuid& uuid) {
  EventId id;
  id.uuid = uuid;
  return id.to_string();
}

TEST(ServerId, CarriesItsOffset) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const Offset offset{random() >> (16 + random() % 48)};
    const std::string id = text_of(make_server_id(kLog, offset, kTime, random()));
    EXPECT_EQ(offset, offset_in(kLog, id)) << id;
  }
}

TEST(ServerId, IsAUuidOfVersion7) {
  const std::string id = text_of(make_server_id(kLog, Offset{5}, kTime, ~std::uint64_t{0}));
  EXPECT_EQ('7', id[14]);
  EXPECT_NE(std::string::npos, std::string("89ab").find(id[19])) << id;
  EXPECT_EQ("019bef72-3d7b", id.substr(0, 13)) << "milliseconds since 1970";
}

TEST(ServerId, SortsByTime) {
  const std::string early = text_of(make_server_id(kLog, Offset{9}, {1'000'000}, 9));
  const std::string late = text_of(make_server_id(kLog, Offset{8}, {2'000'000}, 8));
  EXPECT_LT(early, late);
}

TEST(ServerId, OfAnotherLogIsNotOurs) {
  const std::string id = text_of(make_server_id(kLog, Offset{5}, kTime, 1));
  EXPECT_EQ(std::nullopt, offset_in(LogId{1, 2}, id));
}

TEST(ServerId, WhatIsNoCanonicalUuidHasNoOffset) {
  const std::string id = text_of(make_server_id(kLog, Offset{5}, kTime, 1));
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  std::string version_4 = id;
  version_4[14] = '4';
  std::string no_dash = id;
  no_dash[8] = '0';
  std::string odd_dash = id;
  odd_dash[0] = '-';
  for (const std::string& other : {std::string(), id.substr(1), id + "0", upper, version_4, no_dash,
                                   odd_dash, std::string(36, '-'), "{" + id.substr(0, 34) + "}"})
    EXPECT_EQ(std::nullopt, offset_in(kLog, other)) << other;
}

}  // namespace
}  // namespace daybook
