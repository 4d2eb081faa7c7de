// The validator-minifier: what it takes, what it keeps, and where it says that it broke.
#include "protocol/json/minify.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <random>
#include <string>
#include <vector>

namespace daybook::json {
namespace {

struct Done {
  std::string text;
  Broken broken = Broken::nothing;
  std::size_t offset = 0;
  friend bool operator==(const Done&, const Done&) = default;
};

void PrintTo(const Done& done, std::ostream* out) {
  *out << done.text << " [" << describe(done.broken) << " at " << done.offset << ']';
}

// The text is copied to memory of its exact size, so that sanitizers see a step too far.
Done run(std::string_view text, std::size_t depth_max = 128) {
  const std::vector<char> exact(text.begin(), text.end());
  std::vector<char> out(text.size());
  const Minified done = minify({exact.data(), exact.size()}, out.data(), depth_max);
  return {std::string(out.data(), done.size), done.broken, done.offset};
}

Done kept(std::string text) {
  return {std::move(text), Broken::nothing, 0};
}
Done broke(Broken why, std::size_t offset) {
  return {"", why, offset};
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Minify, DropsWhiteSpaceBetweenTokensOnly) {
  EXPECT_EQ(kept(R"({"a b":[1,2,{"c":" \t "}],"d":{}})"),
            run(" {\t\"a b\" : [ 1 ,\n2, {\"c\":\" \\t \"} ] ,\r\n \"d\" : { } } \n"));
}

TEST(Minify, KeepsTheTextOfNumbersAndStrings) {
  for (const std::string text :
       {"1.0", "1e400", "-0", "0.10", "123456789012345678901234567890", "1E+05", "-1.5e-7",
        R"("\u0000\ud800\/\"\\")", R"("é€😀")", "true", "false", "null", "[]", "{}", "\"\""})
    EXPECT_EQ(kept(text), run(text));
}

TEST(Minify, KeepsStringsOfEveryLengthWithEverySpecialByteAtEveryPlace) {
  for (std::size_t size = 0; size < 40; ++size)
    for (std::size_t at = 0; at <= size; ++at)
      for (const std::string special : {"", "\\n", "\\u00e9", "é", "€", "😀"}) {
        const std::string text =
            '"' + std::string(at, 'x') + special + std::string(size - at, 'y') + '"';
        EXPECT_EQ(kept(text), run(text));
      }
}

TEST(Minify, NamesTheByteWhereItBroke) {
  EXPECT_EQ(broke(Broken::value, 0), run(""));
  EXPECT_EQ(broke(Broken::value, 2), run("  "));
  EXPECT_EQ(broke(Broken::value, 0), run("bogus"));
  EXPECT_EQ(broke(Broken::value, 5), run(R"({"a":bogus})"));
  EXPECT_EQ(broke(Broken::value, 3), run("[1,]"));
  EXPECT_EQ(broke(Broken::value, 1), run("[-]"));
  EXPECT_EQ(broke(Broken::value, 1), run("[NaN]"));
  EXPECT_EQ(broke(Broken::value, 1), run("[+1]"));
  EXPECT_EQ(broke(Broken::value, 1), run("[tru"));
  EXPECT_EQ(broke(Broken::comma, 2), run("[01]"));
  EXPECT_EQ(broke(Broken::comma, 2), run("[1.]"));
  EXPECT_EQ(broke(Broken::comma, 2), run("[1e]"));
  EXPECT_EQ(broke(Broken::comma, 3), run("[1 2]"));
  EXPECT_EQ(broke(Broken::comma, 2), run("[1"));
  EXPECT_EQ(broke(Broken::comma, 2), run("[1}"));
  EXPECT_EQ(broke(Broken::name, 1), run("{a:1}"));
  EXPECT_EQ(broke(Broken::name, 7), run(R"({"a":1,})"));
  EXPECT_EQ(broke(Broken::name, 1), run("{"));
  EXPECT_EQ(broke(Broken::colon, 4), run(R"({"a"})"));
  EXPECT_EQ(broke(Broken::colon, 5), run(R"({"a" 1})"));
  EXPECT_EQ(broke(Broken::extra, 2), run("1 2"));
  EXPECT_EQ(broke(Broken::extra, 2), run("{}x"));
  EXPECT_EQ(broke(Broken::value, 0), run("\xEF\xBB\xBF{}"));
}

TEST(Minify, NamesTheByteInsideAString) {
  EXPECT_EQ(broke(Broken::unterminated, 4), run("\"abc"));
  EXPECT_EQ(broke(Broken::unterminated, 5), run("\"abc\\"));
  EXPECT_EQ(broke(Broken::escape, 1), run(R"("\x41")"));
  EXPECT_EQ(broke(Broken::unicode_escape, 1), run(R"("\u12")"));
  EXPECT_EQ(broke(Broken::unicode_escape, 2), run(R"("a\u12zz")"));
  EXPECT_EQ(broke(Broken::control, 2), run("\"a\nb\""));
  EXPECT_EQ(broke(Broken::control, 1), run(std::string_view("\"\0\"", 3)));
}

TEST(Minify, RefusesWhatIsNotUtf8) {
  const std::string plain(20, 'x');
  for (const std::string bad : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                                "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF", "\xE2\x82"}) {
    EXPECT_EQ(broke(Broken::utf8, 1), run('"' + bad + '"'));
    EXPECT_EQ(broke(Broken::utf8, 21), run('"' + plain + bad + plain + '"'));
  }
}

TEST(Minify, BoundsTheDepth) {
  EXPECT_EQ(kept(nested(128)), run(nested(128)));
  EXPECT_EQ(broke(Broken::depth, 128), run(nested(129)));
  EXPECT_EQ(broke(Broken::depth, 0), run("[]", 0));
  EXPECT_EQ(kept("1"), run("1", 0));
  EXPECT_EQ(kept(nested(1024)), run(nested(1024), 5000));
  EXPECT_EQ(broke(Broken::depth, 1024), run(nested(100'000), 5000));
}

TEST(Minify, TellsObjectsFromArraysAtEveryDepth) {
  std::string text;
  std::string end;
  for (int i = 0; i < 70; ++i) {
    text += i % 3 == 0 ? "[" : "{\"k\":";
    end.insert(0, i % 3 == 0 ? "]" : "}");
  }
  EXPECT_EQ(kept(text + "1" + end), run(text + "1" + end));
  end[end.size() / 2] = end[end.size() / 2] == ']' ? '}' : ']';
  EXPECT_EQ(Broken::comma, run(text + "1" + end).broken);
}

TEST(Minify, SaysWhatIsWrongAsAnError) {
  Text text;
  const auto bad = minify_into(text, "[1,", 128);
  EXPECT_EQ(Errc::bad_json, bad.error().code);
  EXPECT_EQ("invalid JSON at byte 3: a value was expected", bad.error().detail);
  EXPECT_EQ(Errc::limit_exceeded, minify_into(text, "[[1]]", 1).error().code);
  EXPECT_EQ("[1]", *minify_into(text, " [ 1 ] ", 1));
}

// Mutations of a valid text, judged by another parser. It differs in lone surrogates and in
// exponents that overflow, which are grammatical.
TEST(Minify, AgreesWithAnotherParserOnMutatedTexts) {
  const std::string seed = R"( {"a\u00e9":[1,-2.5e+3,true,null,{"b":"x\ny","":[]}],)"
                           R"( "é€😀":"\ud83d\ude00 \" plain text"} )";
  const std::string_view bytes = "\"\\{}[]:,-+.eE0123456789 \n\tutrnf/\x01\x7F\x80\xC3\xA9\xE2\xFF";
  std::mt19937 random(7);
  const auto pick = [&](std::size_t n) { return random() % n; };
  boost::json::parse_options options;
  options.max_depth = 200;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (std::size_t n = 1 + pick(3); n > 0; --n) {
      const std::size_t at = pick(text.size());
      if (pick(3) == 0) {
        text.erase(at, 1 + pick(3));
      } else {
        text[at] = bytes[pick(bytes.size())];
      }
    }
    boost::json::error_code error;
    const auto theirs = boost::json::parse(text, error, {}, options);
    const bool surrogate = text.find("\\ud") != std::string::npos;
    if (error == boost::json::error::exponent_overflow || (error && surrogate)) continue;
    const Done ours = run(text, 200);
    ASSERT_EQ(!error, ours.broken == Broken::nothing) << text << '\n' << error.message();
    if (error) continue;
    ASSERT_EQ(theirs, boost::json::parse(ours.text, {}, options)) << text;
    ASSERT_EQ(kept(ours.text), run(ours.text));
  }
}

}  // namespace
}  // namespace daybook::json
