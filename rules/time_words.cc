#include "rules/time_words.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using LocalTime = date::local_time<Duration>;
using LocalDay = date::local_time<days>;

LocalTime local_time(Time at, const Ruleset& ruleset) {
  return date::locate_zone(ruleset.support.time_zone)->to_local(at);
}

constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};

Words weekday_of(LocalDay day) { return Words::phrase(kWeekdays.at(date::weekday{day}.c_encoding())); }
Words month_of(const date::year_month_day& date) {
  return Words::phrase(kMonths.at(static_cast<unsigned>(date.month()) - 1));
}

/// "09:05"
std::string minute_in_words(LocalTime local) {
  const auto minute = date::floor<minutes>(local - date::floor<days>(local));
  return fmt::format("{:02}:{:02}", minute / hours{1}, (minute % hours{1}).count());
}

/// "2 days", of none: nothing.
Words counted(std::int64_t count, std::string_view one, std::string_view many) {
  if (count == 0) return {};
  if (count == 1) return Words::phrase(one);
  return Words::phrase(many, {{"count", std::to_string(count)}});
}

}  // namespace

Words due_time(Time at, Time now, const Ruleset& ruleset) {
  const auto local = local_time(at, ruleset);
  const auto day = date::floor<days>(local), today = date::floor<days>(local_time(now, ruleset));
  const Words time(minute_in_words(local));
  if (day == today) return Words::phrase("today", {{"time", time}});
  if (day == today + days{1}) return Words::phrase("tomorrow", {{"time", time}});
  const date::year_month_day date{day};
  Words::Values values{{"time", time},
                       {"weekday", weekday_of(day)},
                       {"day", std::to_string(static_cast<unsigned>(date.day()))},
                       {"month", month_of(date)}};
  if (date.year() == date::year_month_day{today}.year()) return Words::phrase("on_day", std::move(values));
  values.emplace_back("year", std::to_string(static_cast<int>(date.year())));
  return Words::phrase("on_day_of_year", std::move(values));
}

std::string local_due_time(Time at, Time now, const Ruleset& ruleset) { return in_english(due_time(at, now, ruleset)); }

std::string dated_local_time(Time at, const Ruleset& ruleset) {
  const auto local = local_time(at, ruleset);
  return fmt::format("{} {} ({})", date::format("%F", date::floor<days>(local)), minute_in_words(local),
                     ruleset.support.time_zone);
}

std::string full_local_time(Time at, const Ruleset& ruleset) {
  const auto local = local_time(at, ruleset);
  const auto day = date::floor<days>(local);
  const date::year_month_day date{day};
  return fmt::format("{}, {} {} {}, {}", in_english(weekday_of(day)), static_cast<unsigned>(date.day()),
                     in_english(month_of(date)), static_cast<int>(date.year()), minute_in_words(local));
}

Words duration_words(Duration span) {
  if (span < seconds{1}) return Words::phrase("less_than_a_second");
  Words words;
  const auto put_before = [&words](Words part) {
    if (part.empty()) return;
    words = words.empty() ? std::move(part)
                          : Words::phrase("duration_and_more", {{"duration", std::move(part)}, {"more", words}});
  };
  if (span < hours{1}) put_before(counted(span % minutes{1} / seconds{1}, "second", "seconds"));
  put_before(counted(span % hours{1} / minutes{1}, "minute", "minutes"));
  put_before(counted(span % days{1} / hours{1}, "hour", "hours"));
  put_before(counted(span / days{1}, "day", "days"));
  return words;
}

std::string humane_duration(Duration span) { return in_english(duration_words(span)); }

}  // namespace ticketd
