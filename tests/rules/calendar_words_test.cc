#include <catch2/catch.hpp>

#include "rules/calendar.h"
#include "rules/time_words.h"
#include "tests/rules/calendar_desk.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a due time in the desk's words") {
  struct Case {
    const char* name;
    const char* zone;
    const char* at;
    const char* now;
    const char* words;
  };
  const std::vector<Case> cases{
      {"today", "UTC", "2026-11-24 10:30", "2026-11-24 08:00", "10:30 today"},
      {"tomorrow", "UTC", "2026-11-25 09:05", "2026-11-24 23:59", "09:05 tomorrow"},
      {"the day after", "UTC", "2026-11-26 13:00", "2026-11-24 08:00", "13:00 on Thursday, 26 November"},
      {"one-digit day", "UTC", "2026-12-01 10:30", "2026-11-24 08:00", "10:30 on Tuesday, 1 December"},
      {"tomorrow in the next year", "UTC", "2027-01-01 10:30", "2026-12-31 08:00", "10:30 tomorrow"},
      {"later in the next year", "UTC", "2027-01-04 10:30", "2026-12-31 08:00", "10:30 on Monday, 4 January 2027"},
      {"a week later, the same weekday", "UTC", "2026-12-01 00:00", "2026-11-24 00:00", "00:00 on Tuesday, 1 December"},
      {"the past", "UTC", "2026-11-23 10:30", "2026-11-24 08:00", "10:30 on Monday, 23 November"},
      {"the desk's day, which is still yesterday in UTC", "Asia/Tokyo", "2026-11-24 15:30", "2026-11-24 14:30",
       "00:30 tomorrow"},
      {"the desk's day, which UTC has left", "America/New_York", "2026-11-25 03:00", "2026-11-24 20:00", "22:00 today"},
      {"the desk's summer", "America/New_York", "2026-07-07 17:00", "2026-07-06 17:00", "13:00 tomorrow"},
      {"after the change of clocks", "America/New_York", "2026-03-09 13:00", "2026-03-08 03:00",
       "09:00 on Monday, 9 March"},
      {"seconds are cut, never rounded up", "UTC", "2026-11-24 10:30:59", "2026-11-24 08:00", "10:30 today"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(local_due_time(utc(example.at), utc(example.now), desk(example.zone, {})) == example.words);
  }
}

TEST_CASE("a duration in words") {
  struct Case {
    Duration span;
    const char* words;
  };
  const std::vector<Case> cases{
      {minutes{30}, "30 minutes"},
      {minutes{1}, "1 minute"},
      {hours{2}, "2 hours"},
      {hours{1}, "1 hour"},
      {minutes{90}, "1 hour 30 minutes"},
      {hours{28}, "1 day 4 hours"},
      {days{1}, "1 day"},
      {days{14}, "14 days"},
      {days{2} + minutes{5}, "2 days 5 minutes"},
      {seconds{90}, "1 minute 30 seconds"},
      {seconds{1}, "1 second"},
      {hours{1} + seconds{30}, "1 hour"},
      {hours{1} - microseconds{1}, "59 minutes 59 seconds"},
      {milliseconds{200}, "less than a second"},
      {Duration{0}, "less than a second"},
      {hours{-1}, "less than a second"},
  };
  for (const auto& example : cases) CHECK(humane_duration(example.span) == example.words);
}

TEST_CASE("open or closed") {
  struct Case {
    const char* name;
    const char* at;
    bool open;
  };
  auto rules = desk("America/New_York", {"mon-fri 09:00-17:00", "sat 22:00-02:00"}, {"2026-11-26", "2026-11-29"});
  const std::vector<Case> cases{
      {"the first instant", "2026-11-24 14:00", true},
      {"just before it", "2026-11-24 13:59:59", false},
      {"the last second", "2026-11-24 21:59:59", true},
      {"closing time is closed", "2026-11-24 22:00", false},
      {"a holiday", "2026-11-26 15:00", false},
      {"the evening before a holiday", "2026-11-29 03:30", true},
      {"the night into a holiday", "2026-11-29 05:30", false},
      {"the night into another Sunday", "2026-11-22 06:59", true},
      {"its end", "2026-11-22 07:00", false},
      {"summer", "2026-07-07 13:00", true},
      {"winter's time of the same clock", "2026-11-24 13:00", false},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(in_office_hours(utc(example.at), rules) == example.open);
  }
  CHECK_FALSE(in_office_hours(utc("2026-11-24 15:00"), desk("UTC", {})));
}

/// The definition itself, minute by minute: independent of how the calendar walks.
Time stepped(Time from, minutes span, const Ruleset& rules) {
  auto at = from;
  for (; span > minutes{0}; at += minutes{1})
    if (in_office_hours(at, rules)) span -= minutes{1};
  return at;
}

TEST_CASE("adding office time agrees with counting the minutes") {
  const std::vector<std::vector<std::string>> weeks{
      {"mon-fri 09:00-17:30"},
      {"sat-sun 00:00-24:00"},
      {"sat 23:15-03:45", "sun 01:30-02:15", "sun 03:00-03:10"},
      {"fri-mon 22:00-06:00", "sun 05:00-07:00", "sun 02:20-02:40"},
  };
  const std::vector<std::pair<const char*, const char*>> changes{
      {"America/New_York", "2026-03-08"}, {"America/New_York", "2026-11-01"},    {"Europe/Berlin", "2026-03-29"},
      {"Europe/Berlin", "2026-10-25"},    {"Australia/Lord_Howe", "2026-04-05"}, {"Australia/Lord_Howe", "2026-10-04"},
      {"America/Santiago", "2026-04-05"}, {"America/Santiago", "2026-09-06"},    {"UTC", "2026-11-24"},
  };
  for (const auto& [zone, change] : changes)
    for (const auto& week : weeks)
      for (const auto before : {hours{50}, hours{26}, hours{9}})
        for (const auto span : {minutes{1}, minutes{29}, minutes{60}, minutes{437}, minutes{1440}}) {
          const auto rules = desk(zone, week, {"2026-11-02", "2026-03-30"});
          const auto from = utc(std::string(change) + " 12:07") - before;
          INFO(zone << " " << change << " " << week[0] << " from " << written(from) << " " << span.count());
          CHECK(written(add_office_time(from, span, rules)) == written(stepped(from, span, rules)));
        }
}

}  // namespace
}  // namespace ticketd
