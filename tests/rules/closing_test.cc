#include "rules/closing.h"

#include <catch2/catch.hpp>

#include "rules/calendar.h"
#include "tests/rules/calendar_desk.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;

const std::vector<std::string> kOffice{"mon-fri 09:00-17:00"};

struct Span {
  const char* name;
  std::vector<std::string> weekly, holidays;
  const char* from;
  Duration span;
  const char* end;
};

void check(const std::string& zone, const std::vector<Span>& spans) {
  for (const auto& example : spans) {
    INFO(example.name);
    const auto rules = desk(zone, example.weekly, example.holidays);
    CHECK(written(add_office_days(utc(example.from), example.span, rules)) == example.end);
  }
}

TEST_CASE("only days on which the office opens count, each of them whole") {
  // 24 November 2026 is a Tuesday.
  check("UTC",
        {
            {"within the week", kOffice, {}, "2026-11-24 15:00", days{3}, "2026-11-27 15:00"},
            {"over a weekend", kOffice, {}, "2026-11-27 15:00", days{3}, "2026-12-02 15:00"},
            {"from a Saturday", kOffice, {}, "2026-11-28 12:00", days{1}, "2026-12-01 00:00"},
            {"at midnight before a weekend", kOffice, {}, "2026-11-28 12:00", days{5}, "2026-12-07 00:00"},
            {"over a holiday", kOffice, {"2026-11-25"}, "2026-11-24 15:00", days{1}, "2026-11-26 15:00"},
            {"hours", kOffice, {}, "2026-11-27 20:00", hours{6}, "2026-11-30 02:00"},
            {"nothing at night counts as nothing", kOffice, {}, "2026-11-24 23:00", days{0}, "2026-11-24 23:00"},
            {"never open", {}, {}, "2026-11-27 15:00", days{3}, "2026-11-30 15:00"},
            {"one office day a week", {"mon 09:00-17:00"}, {}, "2026-11-24 15:00", hours{23}, "2026-11-30 23:00"},
        });
}

TEST_CASE("days with a change of the clocks are as long as they are") {
  check("Europe/Berlin",
        {
            {"a day of 23 hours", {"mon-sun 09:00-17:00"}, {}, "2026-03-28 12:00", days{1}, "2026-03-29 12:00"},
            {"a short day counts for 23 hours",
             {"sun 09:00-17:00"},
             {},
             "2026-03-28 22:00",
             hours{24},
             "2026-04-04 23:00"},
            {"a long day counts for 25 hours",
             {"sun 09:00-17:00"},
             {},
             "2026-10-24 12:00",
             hours{25},
             "2026-10-31 23:00"},
            {"one hour less fits into it", {"sun 09:00-17:00"}, {}, "2026-10-24 12:00", hours{24}, "2026-10-25 22:00"},
        });
}

TEST_CASE("the next office day") {
  const auto rules = desk("Europe/Berlin", kOffice);
  CHECK(written(on_office_day(utc("2026-11-24 03:00"), rules)) == "2026-11-24 03:00");
  CHECK(written(on_office_day(utc("2026-11-28 03:00"), rules)) == "2026-11-29 23:00");
}

TEST_CASE("a resolved ticket closes in time, and never while the office is closed") {
  auto rules = desk("UTC", kOffice);
  rules.close_after = days{3};
  Ticket ticket;
  ticket.resolved_at = utc("2026-11-24 15:00");
  CHECK(written(closing_time(ticket, rules, utc("2026-11-24 15:00"))) == "2026-11-27 15:00");
  CHECK(closing_time(ticket, rules, utc("2026-11-27 15:00")) <= utc("2026-11-27 15:00"));
  CHECK(written(closing_time(ticket, rules, utc("2026-11-28 10:00"))) == "2026-11-30 00:00");
  CHECK(closing_time(ticket, rules, utc("2027-11-24 10:00")) <= utc("2027-11-24 10:00"));
}

}  // namespace
}  // namespace ticketd
