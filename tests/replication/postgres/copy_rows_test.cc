#include "replication/postgres/copy_rows.h"

#include <gtest/gtest.h>

#include <array>

namespace daybook::postgres {
namespace {

using namespace std::string_view_literals;

const std::string_view kHeader = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv;

// What `write` appended behind the header.
template <class Write>
std::string appended(Write write) {
  CopyRows rows;
  rows.clear();
  write(rows);
  return std::string(rows.bytes());
}

TEST(CopyRows, BeginsWithTheHeader) {
  EXPECT_EQ(19U, kHeader.size());
  EXPECT_EQ(kHeader, CopyRows().bytes());
}

TEST(CopyRows, ARowIsItsNumberOfColumnsAndTheTrailerIsMinusOne) {
  EXPECT_EQ("\0\x0f"sv, appended([](CopyRows& rows) { rows.row(15); }));
  EXPECT_EQ("\xff\xff"sv, appended([](CopyRows& rows) { rows.trailer(); }));
}

TEST(CopyRows, NumbersAreBigEndian) {
  EXPECT_EQ("\0\0\0\x08\x01\x02\x03\x04\x05\x06\x07\x08"sv,
            appended([](CopyRows& rows) { rows.int8(0x0102030405060708); }));
}

TEST(CopyRows, TextHasItsLengthAndAnAbsentOneIsNull) {
  EXPECT_EQ(
      "\0\0\0\x03"
      "a\0b"sv,
      appended([](CopyRows& rows) { rows.text("a\0b"sv); }));
  EXPECT_EQ("\0\0\0\0"sv, appended([](CopyRows& rows) { rows.text(""); }));
  EXPECT_EQ("\xff\xff\xff\xff"sv, appended([](CopyRows& rows) { rows.text_or_null(""); }));
  EXPECT_EQ("\0\0\0\x01x"sv, appended([](CopyRows& rows) { rows.text_or_null("x"); }));
}

TEST(CopyRows, AnIdIsTheClientsTextOrTheServersUuid) {
  EXPECT_EQ("\0\0\0\x02id"sv, appended([](CopyRows& rows) { rows.text(EventId{.text = "id"}); }));
  const EventId made{
      .uuid = {0x01, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0x7e, 0xee, 0x80, 0, 0, 0, 0, 0, 0, 0x01}};
  EXPECT_EQ(
      "\0\0\0\x24"
      "0199aabb-ccdd-7eee-8000-000000000001"sv,
      appended([&](CopyRows& rows) { rows.text(made); }));
}

TEST(CopyRows, AnArrayHasOneDimensionOrNone) {
  EXPECT_EQ(
      "\0\0\0\x0c"
      "\0\0\0\0\0\0\0\0\0\0\0\x19"sv,
      appended([](CopyRows& rows) { rows.text_array({}); }));
  const std::array tags{"ab"sv, ""sv};
  EXPECT_EQ(
      "\0\0\0\x1e"
      "\0\0\0\x01\0\0\0\0\0\0\0\x19"
      "\0\0\0\x02\0\0\0\x01"
      "\0\0\0\x02"
      "ab"
      "\0\0\0\0"sv,
      appended([&](CopyRows& rows) { rows.text_array(tags); }));
}

TEST(CopyRows, JsonbIsVersionOneOfItsText) {
  EXPECT_EQ("\0\0\0\x03\x01{}"sv, appended([](CopyRows& rows) { rows.jsonb("{}"); }));
}

TEST(CopyRows, TimesAreMicrosecondsSince2000) {
  EXPECT_EQ("\0\0\0\x08\0\0\0\0\0\0\0\0"sv, appended([](CopyRows& rows) {
              rows.timestamptz(*parse_rfc3339("2000-01-01T00:00:00Z"));
            }));
  EXPECT_EQ("\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xff"sv, appended([](CopyRows& rows) {
              rows.timestamptz(*parse_rfc3339("1999-12-31T23:59:59.999999Z"));
            }));
}

TEST(CopyRows, APieceIsWorthHandingOnFrom256KiB) {
  CopyRows rows;
  rows.clear();
  rows.text(std::string((256 << 10) - 5, 'x'));
  EXPECT_FALSE(rows.has_piece());
  rows.text("");
  EXPECT_TRUE(rows.has_piece());
  rows.clear();
  EXPECT_FALSE(rows.has_piece());
  EXPECT_EQ("", rows.bytes());
}

}  // namespace
}  // namespace daybook::postgres
