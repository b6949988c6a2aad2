#include "rules/roster.h"

#include <catch2/catch.hpp>

#include "rules/calendar.h"
#include "tests/rules/calendar_desk.h"

namespace ticketd {
namespace {

StaffMember member(const std::string& name, std::vector<std::string> roles, const std::vector<std::string>& available) {
  StaffMember staff;
  staff.name = name;
  staff.roles = std::move(roles);
  for (const auto& text : available) {
    const auto windows = std::get<0>(parse_weekly_windows(text));
    staff.available.insert(staff.available.end(), windows.begin(), windows.end());
  }
  return staff;
}

std::string names_of(const StaffList& staff) {
  std::string names;
  for (const auto* one : staff) names += (names.empty() ? "" : " ") + one->name;
  return names;
}

TEST_CASE("available or not") {
  struct Case {
    const char* name;
    const char* zone;
    const char* window;
    const char* at;
    bool available;
  };
  const std::vector<Case> cases{
      {"always", "UTC", "always", "2026-11-24 03:00", true},
      {"the first instant", "UTC", "mon-fri 18:00-08:00", "2026-11-24 18:00", true},
      {"the second before", "UTC", "mon-fri 18:00-08:00", "2026-11-24 17:59:59", false},
      {"midnight of a night shift", "UTC", "mon-fri 18:00-08:00", "2026-11-25 00:00", true},
      {"the last second of the night", "UTC", "mon-fri 18:00-08:00", "2026-11-25 07:59:59", true},
      {"its end is no part of it", "UTC", "mon-fri 18:00-08:00", "2026-11-25 08:00", false},
      {"Friday's night lasts into Saturday", "UTC", "mon-fri 18:00-08:00", "2026-11-28 07:00", true},
      {"Saturday's night is not named", "UTC", "mon-fri 18:00-08:00", "2026-11-28 18:00", false},
      {"no night before Monday", "UTC", "mon-fri 18:00-08:00", "2026-11-23 07:00", false},
      {"Saturday's night over the week's end", "UTC", "sat 22:00-06:00", "2026-11-29 05:59", true},
      {"the last second before 24:00", "UTC", "sat-sun 00:00-24:00", "2026-11-29 23:59:59", true},
      {"Monday begins at 24:00", "UTC", "sat-sun 00:00-24:00", "2026-11-30 00:00", false},
      {"in the desk's zone, not UTC", "America/New_York", "mon-fri 18:00-08:00", "2026-11-24 23:30", true},
      {"the desk's weekday, not UTC's", "Asia/Tokyo", "wed 00:00-08:00", "2026-11-24 15:00", true},
      {"winter before the clocks go forward", "America/New_York", "sun 01:00-03:00", "2026-03-08 06:30", true},
      {"the hour that is skipped ends the window early", "America/New_York", "sun 01:00-03:00", "2026-03-08 07:00",
       false},
      {"a window within the skipped hour never comes", "America/New_York", "sun 02:00-03:00", "2026-03-08 06:59:59",
       false},
      {"nor at the change itself", "America/New_York", "sun 02:00-03:00", "2026-03-08 07:00", false},
      {"the hour that comes twice, first", "America/New_York", "sun 01:00-02:00", "2026-11-01 05:30", true},
      {"the hour that comes twice, again", "America/New_York", "sun 01:00-02:00", "2026-11-01 06:30", true},
      {"after it", "America/New_York", "sun 01:00-02:00", "2026-11-01 07:00", false},
      {"a night shift of nine hours", "Europe/Berlin", "sat 22:00-06:00", "2026-10-25 04:59", true},
      {"and its end on the new clock", "Europe/Berlin", "sat 22:00-06:00", "2026-10-25 05:00", false},
      {"a night shift of seven hours ends on the new clock", "Europe/Berlin", "sat 22:00-06:00", "2026-03-29 04:00",
       false},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(is_available(member("Ann", {}, {example.window}), utc(example.at), desk(example.zone, {})) ==
          example.available);
  }
}

TEST_CASE("a member without windows is never available") {
  CHECK_FALSE(is_available(member("Ann", {}, {}), utc("2026-11-24 10:00"), desk("UTC", {})));
}

TEST_CASE("several windows add up") {
  const auto ann = member("Ann", {}, {"mon-fri 18:00-08:00", "sat-sun 00:00-24:00"});
  CHECK(is_available(ann, utc("2026-11-28 12:00"), desk("UTC", {})));
  CHECK(is_available(ann, utc("2026-11-28 00:30"), desk("UTC", {})));
  CHECK_FALSE(is_available(ann, utc("2026-11-30 07:30"), desk("UTC", {})));
}

TEST_CASE("days off") {
  struct Case {
    const char* name;
    const char* at;
    bool away;
  };
  auto ann = member("Ann", {}, {"always"});
  ann.away = {{day("2026-12-24"), day("2027-01-02")}, {day("2026-11-11"), day("2026-11-11")}};
  const std::vector<Case> cases{
      {"the second before the first day", "2026-12-24 04:59:59", false},
      {"the first instant of the first day, in the desk's zone", "2026-12-24 05:00", true},
      {"between, over the year's end", "2026-12-31 23:59", true},
      {"the last second of the last day", "2027-01-03 04:59:59", true},
      {"the first instant after it", "2027-01-03 05:00", false},
      {"a single day begins", "2026-11-11 05:00", true},
      {"and ends", "2026-11-12 05:00", false},
  };
  const auto rules = desk("America/New_York", {});
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(is_away(ann, utc(example.at), rules) == example.away);
    CHECK(is_available(ann, utc(example.at), rules) != example.away);
  }
}

TEST_CASE("a day off cuts the night shift at midnight") {
  auto ann = member("Ann", {}, {"mon-fri 18:00-08:00"});
  ann.away = {{day("2026-11-25"), day("2026-11-25")}};
  const auto rules = desk("UTC", {});
  CHECK(is_available(ann, utc("2026-11-24 23:59:59"), rules));
  CHECK_FALSE(is_available(ann, utc("2026-11-25 00:00"), rules));
  CHECK_FALSE(is_available(ann, utc("2026-11-25 20:00"), rules));
  CHECK(is_available(ann, utc("2026-11-26 00:00"), rules));
}

TEST_CASE("holidays of the office are none of the roster") {
  CHECK(is_available(member("Ann", {}, {"always"}), utc("2026-11-26 10:00"), desk("UTC", {}, {"2026-11-26"})));
}

TEST_CASE("engineers on call") {
  struct Case {
    const char* name;
    const char* at;
    const char* engineers;
    bool nobody_available;
  };
  auto rules = desk("UTC", {});
  rules.staff = {member("Day", {"engineer"}, {"mon-fri 08:00-18:00"}), member("Dora", {"director"}, {"always"}),
                 member("Night", {"duty", "engineer"}, {"mon-fri 17:00-08:00"})};
  rules.staff[2].away = {{day("2026-11-26"), day("2026-11-26")}};
  const std::vector<Case> cases{
      {"one", "2026-11-24 10:00", "Day", false},
      {"both at the handover, in the order of the configuration", "2026-11-24 17:30", "Day Night", false},
      {"the other", "2026-11-24 22:00", "Night", false},
      {"nobody at the weekend: everyone", "2026-11-29 10:00", "Day Night", true},
      {"the only one is away: everyone", "2026-11-26 22:00", "Day Night", true},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    const auto on_call = engineers_on_call(utc(example.at), rules);
    CHECK(names_of(on_call.engineers) == example.engineers);
    CHECK(on_call.nobody_available == example.nobody_available);
  }
  rules.staff.erase(rules.staff.begin());
  rules.staff.pop_back();
  CHECK(engineers_on_call(utc("2026-11-24 10:00"), rules).engineers.empty());
}

TEST_CASE("staff by role and by name") {
  auto rules = desk("UTC", {});
  rules.staff = {member("Ann", {"engineer", "managing-director"}, {}), member("Bob", {}, {}),
                 member("Dee", {"duty", "director"}, {})};
  CHECK(names_of(staff_with_role(Role::engineer, rules)) == "Ann");
  CHECK(names_of(staff_with_role(Role::managing_director, rules)) == "Ann");
  CHECK(names_of(staff_with_role(Role::director, rules)) == "Dee");
  CHECK(names_of(staff_with_role(Role::duty, rules)) == "Dee");
  CHECK(find_staff_by_name("bob", rules) == &rules.staff[1]);
  CHECK(find_staff_by_name("Carl", rules) == nullptr);
  CHECK(find_staff_by_name("", rules) == nullptr);
}

TEST_CASE("when the office opens next") {
  struct Case {
    const char* name;
    const char* at;
    const char* opening;
  };
  const auto rules = desk("America/New_York", {"mon-fri 09:00-17:00"}, {"2026-11-26"});
  const std::vector<Case> cases{
      {"it is open", "2026-11-24 15:07", "2026-11-24 15:07"},
      {"the instant of opening", "2026-11-24 14:00", "2026-11-24 14:00"},
      {"the same morning", "2026-11-24 10:00", "2026-11-24 14:00"},
      {"closing time is closed", "2026-11-24 22:00", "2026-11-25 14:00"},
      {"over a holiday", "2026-11-25 23:00", "2026-11-27 14:00"},
      {"over a weekend and the end of summer time", "2026-10-30 22:00", "2026-11-02 14:00"},
      {"over the begin of summer time", "2026-03-06 23:00", "2026-03-09 13:00"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    const auto opening = next_opening(utc(example.at), rules);
    REQUIRE(opening);
    INFO(written(*opening));
    CHECK(*opening == utc(example.opening));
  }
  CHECK_FALSE(next_opening(utc("2026-11-24 10:00"), desk("UTC", {})));
}

}  // namespace
}  // namespace ticketd
