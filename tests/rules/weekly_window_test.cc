#include "rules/weekly_window.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono::Friday;
using std::chrono::Monday;
using std::chrono::Saturday;
using std::chrono::Sunday;
using std::chrono::Thursday;
using std::chrono::Tuesday;
using std::chrono::Wednesday;

struct Readable {
  const char* name;
  const char* text;
  std::vector<WeeklyWindow> windows;
};

TEST_CASE("weekly windows that can be read") {
  const auto example = GENERATE(values<Readable>({
      {"a range of days",
       "mon-fri 09:00-17:30",
       {{Monday, 9h, 17h + 30min},
        {Tuesday, 9h, 17h + 30min},
        {Wednesday, 9h, 17h + 30min},
        {Thursday, 9h, 17h + 30min},
        {Friday, 9h, 17h + 30min}}},
      {"one day", "wed 13:15-14:45", {{Wednesday, 13h + 15min, 14h + 45min}}},
      {"across midnight ends on the next day", "sat 22:00-06:00", {{Saturday, 22h, 30h}}},
      {"until midnight written as 00:00", "mon 18:00-00:00", {{Monday, 18h, 24h}}},
      {"until midnight written as 24:00", "mon 18:00-24:00", {{Monday, 18h, 24h}}},
      {"whole days", "sat-sun 00:00-24:00", {{Saturday, 0h, 24h}, {Sunday, 0h, 24h}}},
      {"a range over the week's end, one-digit hour",
       "fri-mon 8:00-12:00",
       {{Friday, 8h, 12h}, {Saturday, 8h, 12h}, {Sunday, 8h, 12h}, {Monday, 8h, 12h}}},
      {"a range from a day to itself is that day", "tue-tue 08:00-12:00", {{Tuesday, 8h, 12h}}},
      {"whole names and capitals", "Monday-TUE 08:00-12:00", {{Monday, 8h, 12h}, {Tuesday, 8h, 12h}}},
      {"blanks round and between", "  thu \t 08:00-12:00 ", {{Thursday, 8h, 12h}}},
      {"one minute before midnight", "thu 23:59-24:00", {{Thursday, 23h + 59min, 24h}}},
      {"all but a minute of a day", "thu 08:00-07:59", {{Thursday, 8h, 31h + 59min}}},
      {"always",
       "Always",
       {{Monday, 0h, 24h},
        {Tuesday, 0h, 24h},
        {Wednesday, 0h, 24h},
        {Thursday, 0h, 24h},
        {Friday, 0h, 24h},
        {Saturday, 0h, 24h},
        {Sunday, 0h, 24h}}},
  }));
  INFO(example.name);
  const auto read = parse_weekly_windows(example.text);
  REQUIRE(std::holds_alternative<std::vector<WeeklyWindow>>(read));
  CHECK(std::get<std::vector<WeeklyWindow>>(read) == example.windows);
}

constexpr auto kSpanAllowed = "two times from 00:00 to 24:00 with a dash between, as in 09:00-17:30";
constexpr auto kDaysAllowed = "mon, tue, wed, thu, fri, sat, sun, or two of them with a dash between";

TEST_CASE("weekly windows that say what is wrong") {
  const std::string span = std::string(" is no span of time: ") + kSpanAllowed;
  const std::string days = std::string(" is no day: ") + kDaysAllowed;
  const std::string window = R"( is no weekly window: write it like "mon-fri 09:00-17:30", or "always")";
  struct Case {
    const char* name;
    std::string text, message;
  };
  const std::vector<Case> cases{
      {"nothing", "", R"("")" + window},
      {"days alone", "Mon-Fri", R"("Mon-Fri")" + window},
      {"too many words", "mon 09:00 - 17:00", R"("mon 09:00 - 17:00")" + window},
      {"always with more", "always 09:00-17:00", R"("always")" + days},
      {"no such first day", "mom-fri 09:00-17:00", R"("mom")" + days},
      {"no such last day", "mon-fry 09:00-17:00", R"("fry")" + days},
      {"an open range of days", "mon- 09:00-17:00", R"("")" + days},
      {"a day cut short", "mo 09:00-17:00", R"("mo")" + days},
      {"one time", "mon 09:00", R"("09:00")" + span},
      {"an empty span", "mon 09:00-09:00", R"("09:00-09:00" is empty: write 00:00-24:00 for a whole day)"},
      {"starts at 24:00", "mon 24:00-08:00",
       R"("24:00-08:00" starts at the end of the day: write 00:00 of the next day)"},
      {"hour too large", "mon 09:00-25:00", R"("09:00-25:00")" + span},
      {"after the day's end", "mon 09:00-24:01", R"("09:00-24:01")" + span},
      {"minute too large", "mon 09:60-17:00", R"("09:60-17:00")" + span},
      {"no minutes", "mon 9-17", R"("9-17")" + span},
      {"one-digit minutes", "mon 9:0-17:00", R"("9:0-17:00")" + span},
      {"three-digit hour", "mon 009:00-17:00", R"("009:00-17:00")" + span},
      {"a sign", "mon +9:00-17:00", R"("+9:00-17:00")" + span},
      {"seconds", "mon 09:00:00-17:00", R"("09:00:00-17:00")" + span},
      {"three times", "mon 09:00-12:00-17:00", R"("09:00-12:00-17:00")" + span},
      {"twelve-hour clock", "mon 9am-5pm", R"("9am-5pm")" + span},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    const auto read = parse_weekly_windows(example.text);
    REQUIRE(std::holds_alternative<std::string>(read));
    CHECK(std::get<std::string>(read) == example.message);
  }
}

}  // namespace
}  // namespace ticketd
