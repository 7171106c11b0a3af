#include "data/base/utc.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale {
namespace {

using namespace std::chrono;

/// Exactly `n` digits at the front of `text`, which they leave.
bool take_digits(std::string_view& text, std::size_t n, int& value) {
  if (text.size() < n) return false;
  value = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = 10 * value + (text[i] - '0');
  }
  text.remove_prefix(n);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// ".120" at the front, at most nine digits, as milliseconds; true without one.
bool take_fraction(std::string_view& text, int& ms) {
  ms = 0;
  if (!take(text, '.')) return true;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < 9) {
    if (digits < 3) ms = 10 * ms + (text.front() - '0');
    text.remove_prefix(1);
    ++digits;
  }
  for (int i = digits; i < 3; ++i) ms *= 10;
  return digits > 0;
}

bool parse(std::string_view text, UtcTime& time) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
  if (!take_digits(text, 4, y) || !take(text, '-') || !take_digits(text, 2, mo) ||
      !take(text, '-') || !take_digits(text, 2, d)) {
    return false;
  }
  const year_month_day day{year{y}, month{static_cast<unsigned>(mo)},
                           std::chrono::day{static_cast<unsigned>(d)}};
  if (!day.ok() || y < 1970 || y > 2199) return false;
  if (!text.empty()) {
    if (!take(text, 'T') || !take_digits(text, 2, h) || !take(text, ':') ||
        !take_digits(text, 2, mi) || !take(text, ':') || !take_digits(text, 2, s) ||
        !take_fraction(text, ms) || text != "Z" || h > 23 || mi > 59 || s > 59) {
      return false;
    }
  }
  time = sys_days{day} + hours{h} + minutes{mi} + seconds{s} + milliseconds{ms};
  return true;
}

}  // namespace

UtcTime utc_now() { return floor<milliseconds>(system_clock::now()); }

std::string format_utc_day(UtcTime time) {
  const year_month_day day{floor<days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::string format_utc(UtcTime time) {
  const hh_mm_ss clock{time - floor<days>(time)};
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", format_utc_day(time), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

UtcTime parse_utc(std::string_view text, const std::string& where) {
  UtcTime time{};
  if (!parse(text, time)) {
    throw Error(Error::Kind::kInput, fmt::format("\"{}\" is no point in time", text), where,
                "write UTC as 2026-03-02 or 2026-03-02T09:15:04Z")
        .with_code("bad_time");
  }
  return time;
}

}  // namespace rationale
