#include "rules/when.h"

#include "tests/rules/desk_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

TEST_CASE("Later times, as staff write them") {
  auto ruleset = sample_ruleset();
  ruleset.support.time_zone = "Europe/Berlin";  // tuesday_ten is 11:00 there
  const auto now = tuesday_ten();
  struct Case {
    const char* words;
    std::optional<Duration> later;
  };
  const Case cases[] = {
      {"90m", 90min},
      {"45 min", 45min},
      {"2h", 2h},
      {" 3d ", 72h},
      {"14:30", 3h + 30min},
      {"9:05", 22h + 5min},
      {"11:00", 24h},
      {"2026-11-24 12:00", 1h},
      {"2026-11-24T12:00", 1h},
      {"2026-11-24T12:00:30", 1h + 30s},
      {"2026-11-24T12:00:00Z", 2h},
      {"2026-11-24T12:00+02:00", 0h},
      {"2026-11-24T12:00-0130", 3h + 30min},
      {"2027-07-01 12:00", 24h * 219},
      {"", {}},
      {"soon", {}},
      {"0h", {}},
      {"-2h", {}},
      {"2", {}},
      {"2w", {}},
      {"24:00", {}},
      {"12:60", {}},
      {"1:2", {}},
      {"2026-02-30 12:00", {}},
      {"2026-13-01 12:00", {}},
      {"2026-11-24 25:00", {}},
      {"2026-11-24T12:00+99:00", {}},
      {"2026-11-24 10:59", {}},
      {"2036-12-01 12:00", {}},
      {"99999d", {}},
      {"2h; rm -rf /", {}},
  };
  for (const auto& c : cases) {
    INFO(c.words);
    const auto at = parse_later_time(c.words, now, ruleset);
    const auto expected = c.later && *c.later > 0h ? std::optional(now + *c.later) : std::nullopt;
    CHECK(at == expected);
  }
}

TEST_CASE("Earlier times, as staff write them") {
  auto ruleset = sample_ruleset();
  ruleset.support.time_zone = "Europe/Berlin";
  const auto now = tuesday_ten();
  struct Case {
    const char* words;
    std::optional<Duration> earlier;
  };
  const Case cases[] = {
      {"90m", 90min},
      {" 30d ", 24h * 30},
      {"0h", 0h},
      {"2026-11-24", 11h},
      {"2026-10-01", 24h * 54 + 12h},  // before the clocks changed
      {"2026-11-24 08:00", 3h},
      {"2026-11-24T08:00:00Z", 2h},
      {"2026-11-25", {}},
      {"2026-11-24 11:01", {}},
      {"2026-02-30", {}},
      {"14:30", {}},
      {"2w", {}},
      {"", {}},
  };
  for (const auto& c : cases) {
    INFO(c.words);
    const auto expected = c.earlier ? std::optional(now - *c.earlier) : std::nullopt;
    CHECK(parse_earlier_time(c.words, now, ruleset) == expected);
  }
}

TEST_CASE("A time that the clocks skip is the moment of their change") {
  auto ruleset = sample_ruleset();
  ruleset.support.time_zone = "Europe/Berlin";
  const Time night = std::chrono::sys_days{std::chrono::year{2027} / 3 / 28};
  CHECK(parse_later_time("02:30", night, ruleset) == night + 1h);
  const Time autumn = std::chrono::sys_days{std::chrono::year{2026} / 10 / 24} + 22h;
  CHECK(parse_later_time("02:30", autumn, ruleset) == autumn + 2h + 30min);
}

}  // namespace ticketd
