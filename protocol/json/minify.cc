// See minify.h. A state machine over tokens; strings are scanned 16 bytes at a time.
#include "protocol/json/minify.h"

#include <algorithm>
#include <array>
#include <bit>

#include "protocol/json/scan.h"
#include "protocol/json/utf8.h"

namespace daybook::json {
namespace {

// Where reading and writing have got to. Two words, so that helpers return it in registers;
// `in` null: it broke, and the `Minified` says why.
struct Step {
  const char* in;
  char* out;
};

enum Class : std::uint8_t { other, space, digit, hex };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> table{};
  for (const char c : {' ', '\t', '\n', '\r'}) table[static_cast<unsigned char>(c)] = space;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = digit;
  for (unsigned c = 'a'; c <= 'f'; ++c) table[c] = table[c - 'a' + 'A'] = hex;
  return table;
}
constexpr auto kClasses = make_classes();

Class class_of(char c) {
  return static_cast<Class>(kClasses[static_cast<unsigned char>(c)]);
}
bool is_space(char c) {
  return class_of(c) == space;
}
bool is_digit(char c) {
  return class_of(c) == digit;
}
bool is_hex(char c) {
  return class_of(c) >= digit;
}
bool is_plain(char c) {
  return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
}

// Which of the open objects and arrays are objects: a bit each, the innermost at `size - 1`.
class Nesting {
 public:
  explicit Nesting(std::size_t max) : max_(std::min(max, minify_depth_max)) {}
  bool full() const { return size_ == max_; }
  bool empty() const { return size_ == 0; }
  bool in_object() const { return (bits_[(size_ - 1) / 64] >> (size_ - 1) % 64 & 1U) != 0; }
  void pop() { --size_; }
  void push(bool object) {
    std::uint64_t& word = bits_[size_ / 64];
    const std::uint64_t bit = std::uint64_t{1} << size_ % 64;
    word = object ? word | bit : word & ~bit;
    ++size_;
  }

 private:
  std::array<std::uint64_t, minify_depth_max / 64> bits_{};
  std::size_t size_ = 0;
  std::size_t max_;
};

class Minifier {
 public:
  Minifier(std::string_view text, char* out, std::size_t depth_max)
      : begin_(text.data()), end_(text.data() + text.size()), out_(out), nesting_(depth_max) {}

  Minified run();

 private:
  enum class Want : std::uint8_t { value, first_value, name, first_name, after, end };

  Step fail(Broken broken, const char* where, const char* token) {
    result_.broken = broken;
    result_.offset = static_cast<std::size_t>(where - begin_);
    result_.token = static_cast<std::size_t>(token - begin_);
    return {nullptr, nullptr};
  }
  Step fail(Broken broken, const char* where) { return fail(broken, where, where); }

  const char* skip_space(const char* in) const {
    while (in != end_ && is_space(*in)) ++in;
    return in;
  }
  Step value(Step at, Want& want);
  Step after(Step at, Want& want);
  Step name(Step at);
  Step string(Step at);
  Step escape(Step at, const char* token);
  Step number(Step at);
  Step word(Step at, std::string_view expected);
  Step open(Step at, bool object);
  static Step close(Step at, Nesting& nesting) {
    nesting.pop();
    *at.out = *at.in;
    return {at.in + 1, at.out + 1};
  }

  const char* begin_;
  const char* end_;
  char* out_;
  Nesting nesting_;
  Minified result_;
};

Minified Minifier::run() {
  Step at{skip_space(begin_), out_};
  Want want = Want::value;
  while (want != Want::end) {
    switch (want) {
      case Want::first_name:
        if (at.in != end_ && *at.in == '}') {
          at = close(at, nesting_);
          want = Want::after;
          break;
        }
        [[fallthrough]];
      case Want::name:
        at = name(at);
        want = Want::value;
        break;
      case Want::first_value:
        if (at.in != end_ && *at.in == ']') {
          at = close(at, nesting_);
          want = Want::after;
          break;
        }
        [[fallthrough]];
      case Want::value:
        want = Want::after;
        at = value(at, want);
        break;
      case Want::after: at = after(at, want); break;
      case Want::end: break;
    }
    if (at.in == nullptr) return result_;
    if (at.in != end_ && is_space(*at.in)) at.in = skip_space(at.in);
  }
  result_.size = static_cast<std::size_t>(at.out - out_);
  return result_;
}

Step Minifier::value(Step at, Want& want) {
  if (at.in == end_) return fail(Broken::value, at.in);
  switch (*at.in) {
    case '"': return string(at);
    case '{': want = Want::first_name; return open(at, true);
    case '[': want = Want::first_value; return open(at, false);
    case 't': return word(at, "true");
    case 'f': return word(at, "false");
    case 'n': return word(at, "null");
    default: return number(at);
  }
}

Step Minifier::after(Step at, Want& want) {
  if (nesting_.empty()) {
    if (at.in != end_) return fail(Broken::extra, at.in);
    want = Want::end;
    return at;
  }
  const bool object = nesting_.in_object();
  if (at.in == end_) return fail(Broken::comma, at.in);
  if (*at.in == ',') {
    want = object ? Want::name : Want::value;
    *at.out = ',';
    return {at.in + 1, at.out + 1};
  }
  if (*at.in == (object ? '}' : ']')) return close(at, nesting_);
  return fail(Broken::comma, at.in);
}

Step Minifier::name(Step at) {
  if (at.in == end_ || *at.in != '"') return fail(Broken::name, at.in);
  at = string(at);
  if (at.in == nullptr) return at;
  at.in = skip_space(at.in);
  if (at.in == end_ || *at.in != ':') return fail(Broken::colon, at.in);
  *at.out = ':';
  return {at.in + 1, at.out + 1};
}

Step Minifier::open(Step at, bool object) {
  if (nesting_.full()) return fail(Broken::depth, at.in);
  nesting_.push(object);
  *at.out = *at.in;
  return {at.in + 1, at.out + 1};
}

Step Minifier::string(Step at) {
  const char* const token = at.in;
  const char* const end = end_;
  *at.out++ = *at.in++;
  for (;;) {
    unsigned stops = 0;
    while (end - at.in >= 16 && (stops = copy16(at.in, at.out)) == 0)
      at = {at.in + 16, at.out + 16};
    const int plain = std::countr_zero(stops);
    if (stops != 0) at = {at.in + plain, at.out + plain};
    while (at.in != end && is_plain(*at.in)) *at.out++ = *at.in++;
    if (at.in == end) return fail(Broken::unterminated, end, token);

    if (*at.in == '"') {
      *at.out = '"';
      return {at.in + 1, at.out + 1};
    }
    if (*at.in == '\\') {
      at = escape(at, token);
      if (at.in == nullptr) return at;
      continue;
    }
    if (static_cast<unsigned char>(*at.in) < 0x20) return fail(Broken::control, at.in, token);
    do {
      const std::size_t length = utf8_length({at.in, static_cast<std::size_t>(end - at.in)});
      if (length == 0) return fail(Broken::utf8, at.in, token);
      at.out = std::copy_n(at.in, length, at.out);
      at.in += length;
    } while (at.in != end && static_cast<signed char>(*at.in) < 0);
  }
}

Step Minifier::escape(Step at, const char* token) {
  const auto room = end_ - at.in;
  if (room < 2) return fail(Broken::unterminated, end_, token);
  std::ptrdiff_t length = 2;
  if (at.in[1] == 'u') {
    length = 6;
    if (room < 6 || !std::all_of(at.in + 2, at.in + 6, is_hex))
      return fail(Broken::unicode_escape, at.in, token);
  } else if (std::string_view("\"\\/bfnrt").find(at.in[1]) == std::string_view::npos) {
    return fail(Broken::escape, at.in, token);
  }
  return {at.in + length, std::copy_n(at.in, length, at.out)};
}

// Takes the longest number there is: what follows a "1" in "1.x" is refused by whoever reads on.
Step Minifier::number(Step at) {
  const char* in = at.in;
  const auto digits = [&](const char* from) {
    while (from != end_ && is_digit(*from)) ++from;
    return from;
  };
  if (*in == '-') ++in;
  if (in == end_ || !is_digit(*in)) return fail(Broken::value, at.in);
  in = *in == '0' ? in + 1 : digits(in);
  if (in != end_ && *in == '.' && digits(in + 1) != in + 1) in = digits(in + 1);
  if (in != end_ && (*in == 'e' || *in == 'E')) {
    const char* power = in + 1;
    if (power != end_ && (*power == '+' || *power == '-')) ++power;
    if (digits(power) != power) in = digits(power);
  }
  return {in, std::copy(at.in, in, at.out)};
}

Step Minifier::word(Step at, std::string_view expected) {
  const std::string_view rest(at.in, static_cast<std::size_t>(end_ - at.in));
  if (!rest.starts_with(expected)) return fail(Broken::value, at.in);
  return {at.in + expected.size(), std::copy(expected.begin(), expected.end(), at.out)};
}

}  // namespace

Minified minify(std::string_view text, char* out, std::size_t depth_max) {
  return Minifier(text, out, depth_max).run();
}

std::string_view describe(Broken broken) {
  switch (broken) {
    case Broken::nothing: return "nothing is wrong";
    case Broken::value: return "a value was expected";
    case Broken::name: return "a member name in double quotes was expected";
    case Broken::colon: return "a colon was expected";
    case Broken::comma: return "a comma or the end of the object or array was expected";
    case Broken::control: return "a control character inside a string must be escaped";
    case Broken::escape: return "there is no such escape";
    case Broken::unicode_escape: return "\\u needs four hexadecimal digits";
    case Broken::unterminated: return "the text ends inside a string";
    case Broken::utf8: return "the bytes are not UTF-8";
    case Broken::extra: return "nothing may follow the value";
    case Broken::depth: return "it is nested too deep";
  }
  return "";
}

Minified minify_into(Text& text, std::string_view body, std::size_t depth_max, std::size_t extra) {
  const bool escapes = body.find('\\') != std::string_view::npos;
  text = Text(body.size() * (escapes ? 2 : 1) + extra + 1);
  const Minified done = minify(body, text.end(), depth_max);
  text.keep(done.size);
  return done;
}

Result<std::string_view> minify_into(Text& text, std::string_view body, std::size_t depth_max) {
  const Minified done = minify_into(text, body, depth_max, 0);
  if (done.broken == Broken::nothing) return std::string_view(text.end() - done.size, done.size);
  if (done.broken == Broken::depth)
    return Error(Errc::limit_exceeded, "at byte " + std::to_string(done.offset) +
                                           " the JSON is nested deeper than " +
                                           std::to_string(std::min(depth_max, minify_depth_max)) +
                                           " levels (limits.json_depth_max)");
  return Error(Errc::bad_json, "invalid JSON at byte " + std::to_string(done.offset) + ": " +
                                   std::string(describe(done.broken)));
}

}  // namespace daybook::json
