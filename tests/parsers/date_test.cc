#include "parsers/date.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

/// Seconds since the epoch.
struct Case {
  const char* name;
  std::string_view field;
  std::optional<std::int64_t> seconds;
};

TEST_CASE("parse_date reads every form that is sent") {
  const auto c = GENERATE(values<Case>({
      {"RFC 5322", "Tue, 1 Jul 2003 10:52:37 +0200", 1057049557},
      {"no weekday, no seconds", "1 Jul 2003 10:52 +0200", 1057049520},
      {"west", "Fri, 21 Nov 1997 09:55:06 -0600", 880127706},
      {"two-digit year", "21 Nov 97 09:55:06 GMT", 880106106},
      {"two-digit year of this century", "1 Jan 26 00:00:00 GMT", 1767225600},
      {"three-digit year", "1 Jan 103 00:00:00 GMT", 1041379200},
      {"comments", "Tue, 1 Jul 2003 ((tricky) x) 10:52:37 +0200 (CEST)", 1057049557},
      {"zone name", "Sun, 27 Oct 2002 23:57:07 EST", 1035781027},
      {"zone name with summer", "Thu, 10 Jul 1997 14:53:31 EST5EDT", 868564411},
      {"European zone", "Tue, 1 Jul 2003 10:52:37 CEST", 1057049557},
      {"GMT and offset", "Tue, 1 Jul 2003 10:52:37 GMT+0200", 1057049557},
      {"military letter is UTC", "Thu, 10 Jul 1997 14:53:31 A", 868546411},
      {"unknown zone is UTC", "Thu, 10 Jul 1997 14:53:31 XYZ", 868546411},
      {"no zone is UTC", "Thu, 10 Jul 1997 14:53:31", 868546411},
      {"many blanks", "Mon,  1 Jan 2024  9:05:03 +0000", 1704099903},
      {"asctime", "Tue Jul  1 10:52:37 2003", 1057056757},
      {"dashes", "01-Jul-2003 10:52:37 +0200", 1057049557},
      {"ISO 8601", "2003-07-01T10:52:37Z", 1057056757},
      {"ISO 8601 with offset and fraction", "2003-07-01T10:52:37.5+02:00", 1057049557},
      {"numeric month", "20 11 79 05:34:27 -0300", 311934867},
      {"afternoon", "1 Jul 2003 10:52:37 PM", 1057099957},
      {"noon and midnight", "1 Jul 2003 12:00:00 AM", 1057017600},
      {"leap second", "31 Dec 2016 23:59:60 +0000", 1483228799},
      {"Received", "by x with SMTP id 1.2; Mon, 10 Oct 2022 10:31:15 -0700 (PDT)", 1665423075},
      {"half an hour", "17 May 2026 22:15:15 +1345", 1779006615},
      {"before 1970", "Thu, 13 Feb 1969 23:32:54 -0330", -27723426},
      {"empty", "", std::nullopt},
      {"prose", "some numbers 0 1 2 but invalid", std::nullopt},
      {"no time", "Tue, 1 Jul 2003", std::nullopt},
      {"no month", "13 zzz 2021 09:55:06 +0200", std::nullopt},
      {"day out of range", "31 Feb 2021 09:55:06 +0200", std::nullopt},
      {"hour out of range", "1 Feb 2021 25:55:06 +0200", std::nullopt},
      {"year out of range", "1 Feb 99999 10:55:06 +0200", std::nullopt},
      {"ancient", "1 Feb 1899 10:55:06 +0200", std::nullopt},
      {"huge numbers", "99999999999999999999 Feb 2021 10:55:06", std::nullopt},
      {"unclosed comment", "Tue, 1 Jul 2003 ((x) 10:52:37 +0200", std::nullopt},
  }));
  INFO(c.name);
  const auto date = parse_date(c.field);
  REQUIRE(date.has_value() == c.seconds.has_value());
  if (date) CHECK(date->time_since_epoch() == std::chrono::seconds(*c.seconds));
}

}  // namespace
}  // namespace ticketd
