#include "rules/when.h"

#include <re2/re2.h>

#include "parsers/ascii.h"
#include "rules/calendar.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr days kHorizon{3653};

bool matches(std::string_view text, const RE2& pattern, auto... parts) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, parts...);
}

std::optional<Duration> span_of(std::string_view words) {
  static const RE2 kSpan("([0-9]{1,5}) *(m|min|h|d)");
  int count = 0;
  std::string unit;
  if (!matches(words, kSpan, &count, &unit)) return std::nullopt;
  return unit == "d" ? Duration(days{count}) : unit == "h" ? Duration(hours{count}) : Duration(minutes{count});
}

bool is_time_of_day(int hour, int minute) { return hour < 24 && minute < 60; }

std::optional<Time> next_at(std::string_view words, Time now, const Ruleset& ruleset) {
  static const RE2 kTimeOfDay("([0-9]{1,2}):([0-9]{2})");
  int hour = 0, minute = 0;
  if (!matches(words, kTimeOfDay, &hour, &minute) || !is_time_of_day(hour, minute)) return std::nullopt;
  const auto time = hours{hour} + minutes{minute};
  const auto today = local_day(now, ruleset);
  const auto at = local_instant(today, time, ruleset);
  return at > now ? at : local_instant(std::chrono::sys_days{today} + days{1}, time, ruleset);
}

std::optional<Time> dated(std::string_view words, const Ruleset& ruleset) {
  static const RE2 kDated(
      "([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(Z|[+-][0-9]{2}:?[0-9]{2})?");
  int year = 0, hour = 0, minute = 0;
  unsigned month = 0, day = 0;
  std::string second_text, offset;
  if (!matches(words, kDated, &year, &month, &day, &hour, &minute, &second_text, &offset)) return std::nullopt;
  const int second = second_text.empty() ? 0 : 10 * (second_text[0] - '0') + (second_text[1] - '0');
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok() || !is_time_of_day(hour, minute) || second > 59) return std::nullopt;
  const Duration rest = seconds{second};
  if (offset.empty()) return local_instant(date, hours{hour} + minutes{minute}, ruleset) + rest;
  const Time at = std::chrono::sys_days{date} + hours{hour} + minutes{minute} + rest;
  int offset_hours = 0, offset_minutes = 0;
  static const RE2 kOffset("[+-]([0-9]{2}):?([0-9]{2})");
  if (matches(offset, kOffset, &offset_hours, &offset_minutes) && !is_time_of_day(offset_hours, offset_minutes))
    return std::nullopt;
  const Duration shift = hours{offset_hours} + minutes{offset_minutes};
  return offset.starts_with('-') ? at + shift : at - shift;
}

}  // namespace

std::optional<Time> parse_later_time(std::string_view words, Time now, const Ruleset& ruleset) {
  words = trim(words);
  std::optional<Time> at;
  if (const auto span = span_of(words)) at = now + *span;
  if (!at) at = next_at(words, now, ruleset);
  if (!at) at = dated(words, ruleset);
  return at && *at > now && *at <= now + kHorizon ? at : std::nullopt;
}

std::optional<Time> parse_earlier_time(std::string_view words, Time now, const Ruleset& ruleset) {
  words = trim(words);
  std::optional<Time> at;
  if (const auto span = span_of(words)) at = now - *span;
  if (!at) at = dated(std::string(words) + " 00:00", ruleset);
  if (!at) at = dated(words, ruleset);
  return at && *at <= now ? at : std::nullopt;
}

}  // namespace ticketd
