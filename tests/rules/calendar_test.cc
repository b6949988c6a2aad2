#include "rules/calendar.h"

#include <catch2/catch.hpp>

#include "tests/rules/calendar_desk.h"

namespace ticketd {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Span {
  const char* name;
  std::vector<std::string> weekly, holidays;
  const char* from;
  Duration span;
  const char* due;
};

void check_spans(const std::string& zone, const std::vector<Span>& spans) {
  for (const auto& example : spans) {
    INFO(example.name);
    auto rules = desk(zone, example.weekly, example.holidays);
    rules.normal.clock = Clock::office_hours;
    const auto due = add_office_time(utc(example.from), example.span, rules);
    CHECK(written(due) == example.due);
    CHECK(response_time(utc(example.from), due, Priority::normal, rules) == example.span);
  }
}

const std::vector<std::string> kOffice{"mon-fri 09:00-17:00"};

// 24 November 2026 is a Tuesday.
const std::vector<Span> kWithoutChanges{
    {"within the day", kOffice, {}, "2026-11-24 10:00", hours{4}, "2026-11-24 14:00"},
    {"due exactly at closing stays there", kOffice, {}, "2026-11-24 13:00", hours{4}, "2026-11-24 17:00"},
    {"a minute past closing goes on at opening", kOffice, {}, "2026-11-24 13:01", hours{4}, "2026-11-25 09:01"},
    {"from before opening counts from opening", kOffice, {}, "2026-11-24 06:30", hours{4}, "2026-11-24 13:00"},
    {"from exactly at opening", kOffice, {}, "2026-11-24 09:00", hours{4}, "2026-11-24 13:00"},
    {"from exactly at closing counts from the next opening",
     kOffice,
     {},
     "2026-11-24 17:00",
     hours{4},
     "2026-11-25 13:00"},
    {"from the last minute", kOffice, {}, "2026-11-24 16:59", hours{4}, "2026-11-25 12:59"},
    {"from after closing", kOffice, {}, "2026-11-24 22:00", hours{4}, "2026-11-25 13:00"},
    {"over the weekend", kOffice, {}, "2026-11-27 16:00", hours{4}, "2026-11-30 12:00"},
    {"from Sunday", kOffice, {}, "2026-11-29 12:00", hours{4}, "2026-11-30 13:00"},
    {"longer than a day", kOffice, {}, "2026-11-24 10:00", hours{20}, "2026-11-26 14:00"},
    {"longer than a week", kOffice, {}, "2026-11-24 10:00", hours{40}, "2026-12-01 10:00"},
    {"a whole day's hours end at its closing", kOffice, {}, "2026-11-24 09:00", hours{8}, "2026-11-24 17:00"},
    {"no span at all is now, even at night", kOffice, {}, "2026-11-24 22:00", hours{0}, "2026-11-24 22:00"},
    {"over a holiday", kOffice, {"2026-11-25"}, "2026-11-24 16:00", hours{4}, "2026-11-26 12:00"},
    {"from within a holiday", kOffice, {"2026-11-25"}, "2026-11-25 11:00", hours{4}, "2026-11-26 13:00"},
    {"holidays over Christmas and a weekend",
     kOffice,
     {"2026-12-24", "2026-12-25", "2026-12-28"},
     "2026-12-23 16:30",
     hours{4},
     "2026-12-29 12:30"},
    {"a holiday on a Sunday changes nothing",
     kOffice,
     {"2026-11-29"},
     "2026-11-27 16:00",
     hours{4},
     "2026-11-30 12:00"},
    {"a lunch break",
     {"mon-fri 09:00-12:00", "mon-fri 13:00-17:00"},
     {},
     "2026-11-24 11:00",
     hours{4},
     "2026-11-24 16:00"},
    {"due exactly at the lunch break",
     {"mon-fri 09:00-12:00", "mon-fri 13:00-17:00"},
     {},
     "2026-11-24 11:00",
     hours{1},
     "2026-11-24 12:00"},
    {"overlapping windows count once",
     {"mon-fri 09:00-13:00", "tue 11:00-15:00"},
     {},
     "2026-11-24 10:00",
     hours{4},
     "2026-11-24 14:00"},
    {"a window within another counts once",
     {"tue 09:00-17:00", "tue 10:00-11:00"},
     {},
     "2026-11-24 09:30",
     hours{4},
     "2026-11-24 13:30"},
    {"the same window twice counts once",
     {"tue 09:00-17:00", "tue 09:00-17:00"},
     {},
     "2026-11-24 09:30",
     hours{4},
     "2026-11-24 13:30"},
    {"adjoining windows, given in the wrong order",
     {"tue 12:00-17:00", "tue 09:00-12:00"},
     {},
     "2026-11-24 11:00",
     hours{2},
     "2026-11-24 13:00"},
    {"a window across midnight", {"mon-fri 22:00-06:00"}, {}, "2026-11-24 23:00", hours{4}, "2026-11-25 03:00"},
    {"Friday's night shift ends on Saturday",
     {"mon-fri 22:00-06:00"},
     {},
     "2026-11-28 05:00",
     hours{4},
     "2026-12-01 01:00"},
    {"Sunday's night shift ends on Monday", {"sun 22:00-06:00"}, {}, "2026-11-29 20:00", hours{8}, "2026-11-30 06:00"},
    {"a holiday cuts a night shift at midnight",
     {"mon-fri 22:00-06:00"},
     {"2026-11-25"},
     "2026-11-24 23:00",
     hours{2},
     "2026-11-26 01:00"},
    {"a holiday leaves the night shift's next day",
     {"tue 22:00-06:00"},
     {"2026-11-24"},
     "2026-11-24 21:00",
     hours{2},
     "2026-11-25 02:00"},
    {"a night shift that overlaps the morning's window",
     {"mon 22:00-06:00", "tue 05:00-09:00"},
     {},
     "2026-11-24 04:00",
     hours{4},
     "2026-11-24 08:00"},
    {"always", {"always"}, {}, "2026-11-28 23:30", hours{30}, "2026-11-30 05:30"},
    {"always but for a holiday", {"always"}, {"2026-11-29"}, "2026-11-28 23:30", hours{1}, "2026-11-30 00:30"},
    {"due exactly at midnight", {"always"}, {"2026-11-29"}, "2026-11-28 23:30", minutes{30}, "2026-11-29 00:00"},
    {"over a leap day", {"tue 09:00-10:00"}, {}, "2028-02-28 09:00", hours{1}, "2028-02-29 10:00"},
    {"over the end of a year", kOffice, {"2027-01-01"}, "2026-12-31 16:00", hours{4}, "2027-01-04 12:00"},
};

TEST_CASE("office time in a zone without changes") { check_spans("UTC", kWithoutChanges); }

// 2026: forward on 8 March at 07:00 UTC, back on 1 November at 06:00 UTC; both are Sundays.
const std::vector<Span> kNewYork{
    {"winter", kOffice, {}, "2026-01-06 15:00", hours{4}, "2026-01-06 19:00"},
    {"opening in winter is 14:00 UTC", kOffice, {}, "2026-01-06 03:00", hours{4}, "2026-01-06 18:00"},
    {"opening in summer is 13:00 UTC", kOffice, {}, "2026-07-07 03:00", hours{4}, "2026-07-07 17:00"},
    {"Friday in winter to Monday in summer", kOffice, {}, "2026-03-06 21:00", hours{4}, "2026-03-09 16:00"},
    {"Friday in summer to Monday in winter", kOffice, {}, "2026-10-30 20:00", hours{4}, "2026-11-02 17:00"},
    {"the lost hour does not count", {"sun 00:00-08:00"}, {}, "2026-03-08 05:00", hours{7}, "2026-03-08 12:00"},
    {"and is missed at the shift's end",
     {"sun 00:00-08:00"},
     {},
     "2026-03-08 05:00",
     hours{7} + minutes{1},
     "2026-03-15 04:01"},
    {"the hour that comes twice counts twice",
     {"sun 00:00-08:00"},
     {},
     "2026-11-01 04:00",
     hours{9},
     "2026-11-01 13:00"},
    {"a window that is wholly lost", {"sun 02:00-03:00"}, {}, "2026-03-08 04:00", minutes{30}, "2026-03-15 06:30"},
    {"a window that starts in the gap", {"sun 02:30-05:00"}, {}, "2026-03-08 04:00", hours{1}, "2026-03-08 08:00"},
    {"a window that ends in the gap", {"sun 01:00-02:30"}, {}, "2026-03-08 06:30", minutes{31}, "2026-03-15 05:01"},
    {"a window within the hour that comes twice",
     {"sun 01:00-02:00"},
     {},
     "2026-11-01 04:00",
     minutes{90},
     "2026-11-01 06:30"},
    {"part of it opens twice", {"sun 01:15-01:45"}, {}, "2026-11-01 04:00", minutes{45}, "2026-11-01 06:30"},
    {"from its second time round", {"sun 01:15-01:45"}, {}, "2026-11-01 06:20", minutes{30}, "2026-11-08 06:20"},
    {"a night shift over the lost hour", {"sat 22:00-06:00"}, {}, "2026-03-08 03:00", hours{7}, "2026-03-08 10:00"},
    {"a night shift over the doubled hour", {"sat 22:00-06:00"}, {}, "2026-11-01 02:00", hours{9}, "2026-11-01 11:00"},
    {"always, over the change", {"always"}, {}, "2026-11-01 03:00", hours{6}, "2026-11-01 09:00"},
    {"the day of a holiday is the desk's, not UTC's",
     {"always"},
     {"2026-07-04"},
     "2026-07-04 03:59",
     minutes{2},
     "2026-07-05 04:01"},
};

TEST_CASE("office time on the days that clocks change in New York") { check_spans("America/New_York", kNewYork); }

TEST_CASE("office time in zones with rare changes") {
  check_spans("Australia/Lord_Howe", {{"half an hour is lost",
                                       {"sun 00:00-08:00"},
                                       {},
                                       "2026-10-03 13:30",
                                       hours{7} + minutes{30},
                                       "2026-10-03 21:00"}});
  check_spans("Pacific/Apia",
              {{"Friday, 30 December 2011 never was", kOffice, {}, "2011-12-29 19:00", hours{16}, "2012-01-02 03:00"}});
  check_spans("Africa/Cairo", {{"midnight itself is lost, to 01:00",
                                {"fri 00:00-02:00"},
                                {},
                                "2026-04-23 20:00",
                                hours{1},
                                "2026-04-23 23:00"}});
  check_spans("Atlantic/Azores", {{"the doubled hour goes back over midnight",
                                   {"sun 00:00-01:00"},
                                   {},
                                   "2026-10-24 23:00",
                                   hours{2},
                                   "2026-10-25 02:00"}});
}

TEST_CASE("years without office time end somewhere") {
  auto shut = desk("Europe/Berlin", {});
  CHECK(written(add_office_time(utc("2026-11-24 10:00"), hours{4}, shut)) == "2026-11-24 14:00");
  auto years = desk("UTC", kOffice);
  for (auto at = utc("2027-01-01 00:00"); at < utc("2030-01-01 00:00"); at += std::chrono::days{1})
    years.office_hours.holidays.emplace_back(std::chrono::floor<std::chrono::days>(at));
  CHECK(written(add_office_time(utc("2026-12-31 15:00"), hours{4}, years)) == "2030-01-01 11:00");
  for (auto at = utc("2026-01-01 00:00"); at < utc("2037-01-01 00:00"); at += std::chrono::days{1})
    years.office_hours.holidays.emplace_back(std::chrono::floor<std::chrono::days>(at));
  CHECK(written(add_office_time(utc("2026-12-31 15:00"), hours{4}, years)) == "2026-12-31 19:00");
  const auto rare = desk("UTC", {"mon 09:00-09:01"});
  CHECK(add_office_time(utc("2026-12-31 15:00"), hours{500}, rare) >= utc("2036-12-31 00:00"));
}

TEST_CASE("the time to an answer counts on its category's clock") {
  auto rules = desk("UTC", kOffice);
  rules.normal.clock = Clock::office_hours;
  const auto time = [&](const char* from, const char* to, Priority priority) {
    return response_time(utc(from), utc(to), priority, rules);
  };
  CHECK(time("2026-11-24 16:00", "2026-11-25 10:00", Priority::normal) == hours{2});
  CHECK(time("2026-11-24 16:00", "2026-11-25 10:00", Priority::high) == hours{18});
  CHECK(time("2026-11-27 18:00", "2026-11-28 12:00", Priority::normal) == hours{0});
  CHECK(time("2026-11-27 16:30", "2026-12-07 09:10", Priority::normal) == minutes{30} + hours{40} + minutes{10});
  CHECK(time("2026-11-24 10:00", "2026-11-24 10:00", Priority::urgent) == hours{0});
  CHECK(time("2026-11-24 11:00", "2026-11-24 10:00", Priority::normal) == hours{0});
  auto closed = desk("UTC", {});
  closed.normal.clock = Clock::office_hours;
  CHECK(response_time(utc("2026-11-24 10:00"), utc("2026-11-24 11:00"), Priority::normal, closed) == hours{1});
}

Time due_from(Time from, Priority priority, const Ruleset& rules) {
  return add_time_on(rules.rule(priority).clock, from, rules.rule(priority).response, rules);
}

TEST_CASE("a response is due on its category's clock") {
  auto rules = desk("UTC", kOffice);
  rules.urgent = {.response = minutes{30}, .clock = Clock::always, .labels = {}, .examples = {}, .update = {}};
  rules.high = {.response = hours{2}, .clock = Clock::office_hours, .labels = {}, .examples = {}, .update = {}};
  rules.normal = {.response = hours{4}, .clock = Clock::office_hours, .labels = {}, .examples = {}, .update = {}};
  const auto night = utc("2026-11-24 23:50");
  CHECK(written(due_from(night, Priority::urgent, rules)) == "2026-11-25 00:20");
  CHECK(written(due_from(night, Priority::high, rules)) == "2026-11-25 11:00");
  CHECK(written(due_from(night, Priority::normal, rules)) == "2026-11-25 13:00");
}

}  // namespace
}  // namespace ticketd
