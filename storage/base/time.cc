// See time.h. Dates are reckoned by std::chrono; the text is read and written digit by digit.
#include "storage/base/time.h"

#include <array>
#include <chrono>

#include "storage/base/check.h"

namespace daybook {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

constexpr std::int64_t day_of(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// 0000-01-01 and the first day past 9999-12-31: what four digits of a year can say.
constexpr std::int64_t kMin = day_of(0, 1, 1) * kMicrosPerDay;
constexpr std::int64_t kEnd = day_of(10'000, 1, 1) * kMicrosPerDay;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a time from left to right; once something did not fit, all else fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }

  // Steps over one of `wanted` where it comes next.
  bool take_if(std::string_view wanted) {
    const bool found = !rest_.empty() && wanted.find(rest_[0]) != std::string_view::npos;
    if (found) rest_.remove_prefix(1);
    return found;
  }
  void take(std::string_view wanted) { ok_ = take_if(wanted) && ok_; }

  int number(std::size_t digits, int max) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      ok_ = ok_ && i < rest_.size() && is_digit(rest_[i]);
      if (!ok_) return 0;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    ok_ = value <= max;
    return value;
  }

  // The digits behind a point, as microseconds; further ones are cut.
  std::int64_t fraction() {
    std::int64_t micros = 0;
    std::int64_t unit = kMicrosPerSecond / 10;
    ok_ = ok_ && !rest_.empty() && is_digit(rest_[0]);
    while (!rest_.empty() && is_digit(rest_[0])) {
      micros += (rest_[0] - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return micros;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::int64_t read_date(Scanner& in, bool& ok) {
  const int year = in.number(4, 9999);
  in.take("-");
  const int month = in.number(2, 12);
  in.take("-");
  const int day = in.number(2, 31);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  ok = in.ok() && date.ok();
  return ok ? std::chrono::sys_days(date).time_since_epoch().count() * kMicrosPerDay : 0;
}

// A leap second (60) is the first of the next minute.
std::int64_t read_time_of_day(Scanner& in) {
  const int hours = in.number(2, 23);
  in.take(":");
  const int minutes = in.number(2, 59);
  in.take(":");
  const int seconds = in.number(2, 60);
  const std::int64_t micros = in.take_if(".") ? in.fraction() : 0;
  return ((std::int64_t{hours} * 60 + minutes) * 60 + seconds) * kMicrosPerSecond + micros;
}

std::int64_t read_zone(Scanner& in) {
  if (in.take_if("Zz")) return 0;
  const bool east = in.take_if("+");
  if (!east) in.take("-");
  const int hours = in.number(2, 23);
  in.take(":");
  const int minutes = in.number(2, 59);
  const std::int64_t micros = (std::int64_t{hours} * 60 + minutes) * 60 * kMicrosPerSecond;
  return east ? micros : -micros;
}

std::optional<Timestamp> parse(std::string_view text, bool naive) {
  Scanner in(text);
  bool date_ok = false;
  const std::int64_t date = read_date(in, date_ok);
  if (!date_ok) return std::nullopt;
  if (naive && in.done()) return Timestamp{date};

  in.take("Tt ");
  const std::int64_t time = read_time_of_day(in);
  const std::int64_t zone = naive && in.done() ? 0 : read_zone(in);
  if (!in.ok() || !in.done()) return std::nullopt;
  const std::int64_t micros = date + time - zone;
  if (micros < kMin || micros >= kEnd) return std::nullopt;
  return Timestamp{micros};
}

void put(char* to, std::size_t digits, std::uint64_t value) {
  while (digits-- > 0) {
    to[digits] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

Timestamp now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  return parse(text, false);
}

std::optional<Timestamp> parse_naive_utc(std::string_view text) {
  return parse(text, true);
}

void append_rfc3339(std::string& out, Timestamp time) {
  CHECK(time.micros >= kMin && time.micros < kEnd);
  const auto since_min = static_cast<std::uint64_t>(time.micros - kMin);
  const auto in_day = since_min % static_cast<std::uint64_t>(kMicrosPerDay);
  const std::chrono::sys_days day{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time.micros)))};
  const std::chrono::year_month_day date{day};
  const std::uint64_t seconds = in_day / static_cast<std::uint64_t>(kMicrosPerSecond);

  std::array<char, 27> text{};
  std::string_view("0000-00-00T00:00:00.000000Z").copy(text.data(), text.size());
  put(text.data(), 4, static_cast<std::uint64_t>(static_cast<int>(date.year())));
  put(text.data() + 5, 2, static_cast<unsigned>(date.month()));
  put(text.data() + 8, 2, static_cast<unsigned>(date.day()));
  put(text.data() + 11, 2, seconds / 3600);
  put(text.data() + 14, 2, seconds / 60 % 60);
  put(text.data() + 17, 2, seconds % 60);
  put(text.data() + 20, 6, in_day % static_cast<std::uint64_t>(kMicrosPerSecond));
  out.append(text.data(), text.size());
}

}  // namespace daybook
