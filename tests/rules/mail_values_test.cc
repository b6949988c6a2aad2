#include "rules/mail_values.h"

#include <catch2/catch.hpp>

#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;

std::string close_after(const Ruleset& ruleset) {
  TemplateValues values;
  add_closing_values(values, ruleset);
  return in_english(values.at("close_after"));
}

TEST_CASE("how long a ticket stays open is told in days that count: of the office, where that opens at all") {
  struct Case {
    const char* name;
    Duration span;
    const char* open;
    const char* shut;
  };
  const Case cases[] = {
      {"a day", days{1}, "1 working day", "1 day"},
      {"days", days{3}, "3 working days", "3 days"},
      {"days and more", hours{36}, "1 day 12 hours (days on which our office is closed not counted)", "1 day 12 hours"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    auto ruleset = sample_ruleset();
    ruleset.close_after = c.span;
    CHECK(close_after(ruleset) == c.open);
    ruleset.office_hours.weekly.clear();
    CHECK(close_after(ruleset) == c.shut);
  }
}

}  // namespace
}  // namespace ticketd
