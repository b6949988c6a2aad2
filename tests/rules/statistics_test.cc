#include "rules/statistics.h"

#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

/// Answered after `answered`, of a target of two hours; both counted from a start so long before Tuesday, ten o'clock.
AnswerTarget target(Duration before, std::optional<Duration> answered, Priority priority = Priority::high,
                    const char* organization = "Acme") {
  AnswerTarget result{priority, organization, tuesday_ten() - before, tuesday_ten() - before + 2h, {}, false};
  if (answered) result.responded_at = result.clock_from + *answered;
  return result;
}

AnswerTarget owed(Duration before) {
  auto result = target(before, {});
  result.is_owed = true;
  return result;
}

StatisticsRow counted(const std::vector<AnswerTarget>& targets) {
  return make_statistics({}, targets, sample_ruleset(), tuesday_ten()).all;
}

const StatisticsRow& named(const std::vector<StatisticsRow>& rows, std::string_view name) {
  for (const auto& row : rows)
    if (row.name == name) return row;
  throw std::out_of_range("no row " + std::string(name));
}

TEST_CASE("An answer is within its target, late, missing or waited for") {
  struct Case {
    const char* name;
    AnswerTarget target;
    std::uint64_t answered, within, missed, waiting;
  };
  const Case cases[] = {
      {"soon", target(5h, 10min), 1, 1, 0, 0},
      {"at the very moment", target(5h, 2h), 1, 1, 0, 0},
      {"a microsecond late", target(5h, 2h + 1us), 1, 0, 1, 0},
      {"never, and closed", target(5h, {}), 0, 0, 1, 0},
      {"closed before it was due", target(1h, {}), 0, 0, 1, 0},
      {"owed, not due", owed(1h), 0, 0, 0, 1},
      {"owed, due now", owed(2h), 0, 0, 0, 1},
      {"owed, overdue", owed(2h + 1us), 0, 0, 1, 0},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto row = counted({c.target});
    CHECK(row.answered == c.answered);
    CHECK(row.within == c.within);
    CHECK(row.missed == c.missed);
    CHECK(row.waiting == c.waiting);
    CHECK(row.median.has_value() == (c.answered == 1));
  }
}

TEST_CASE("The share within the target leaves out what may still be answered in time") {
  CHECK_FALSE(counted({}).share_within());
  CHECK_FALSE(counted({owed(1h)}).share_within());
  CHECK(counted({owed(1h), target(5h, 1h)}).share_within() == 1.0);
  CHECK(counted({owed(3h), target(5h, 1h), target(5h, 3h), target(5h, 1h)}).share_within() == 0.5);
}

TEST_CASE("Median and ninetieth percentile are times that were measured") {
  struct Case {
    int answers;
    int median, p90;  // minutes
  };
  for (const auto& c : {Case{1, 1, 1}, Case{2, 1, 2}, Case{3, 2, 3}, Case{4, 2, 4}, Case{10, 5, 9}, Case{11, 6, 10},
                        Case{100, 50, 90}}) {
    INFO(c.answers);
    std::vector<AnswerTarget> targets;
    for (int i = c.answers; i > 0; --i) targets.push_back(target(24h, std::chrono::minutes{i}));
    const auto row = counted(targets);
    CHECK(row.median == std::chrono::minutes{c.median});
    CHECK(row.p90 == std::chrono::minutes{c.p90});
  }
}

TEST_CASE("Times count on the clock of the answer's category") {
  const auto row_of = [](Priority priority) { return counted({target(20h, 20h, priority)}); };  // from 14:00 to 10:00
  CHECK(row_of(Priority::urgent).median == 20h);
  CHECK(row_of(Priority::normal).median == 3h + 30min + 1h);
}

TEST_CASE("Each ticket and each answer counts in its category, its organization and its week") {
  const auto at = [](int days) { return tuesday_ten() + std::chrono::days{days}; };
  const std::vector<ReportedTicket> reported{{Priority::urgent, "Acme", at(0)},
                                             {Priority::normal, "Acme", at(-2)},          // Sunday
                                             {Priority::normal, "zoo.example", at(-1)},   // Monday
                                             {Priority::normal, "zoo.example", at(40)}};  // 3 January 2027, a Sunday
  const auto statistics =
      make_statistics(reported, {target(1h, 10min, Priority::urgent), target(1h, 10min, Priority::high, "bee.example")},
                      sample_ruleset(), tuesday_ten());
  CHECK(statistics.all.reported == 4);
  CHECK(statistics.all.answered == 2);
  REQUIRE(statistics.categories.size() == 3);
  CHECK(statistics.categories[0].name == "Urgent");
  CHECK(statistics.categories[0].reported == 1);
  CHECK(statistics.categories[0].answered == 1);
  CHECK(statistics.categories[1].name == "High");
  CHECK(statistics.categories[1].reported == 0);
  CHECK(statistics.categories[1].answered == 1);
  CHECK(statistics.categories[2].name == "Normal");
  CHECK(statistics.categories[2].reported == 3);
  REQUIRE(statistics.organizations.size() == 3);
  CHECK(statistics.organizations[0].name == "Acme");
  CHECK(statistics.organizations[1].name == "zoo.example");
  CHECK(statistics.organizations[2].name == "bee.example");
  CHECK(statistics.organizations[0].answered == 1);
  REQUIRE(statistics.weeks.size() == 3);
  CHECK(named(statistics.weeks, "2026-W47").reported == 1);
  CHECK(named(statistics.weeks, "2026-W48").reported == 2);
  CHECK(named(statistics.weeks, "2026-W48").answered == 2);
  CHECK(named(statistics.weeks, "2026-W53").reported == 1);
}

TEST_CASE("Weeks begin on Monday on the desk's clock") {
  auto ruleset = sample_ruleset();
  const Time sunday_late = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 23h + 30min;
  const auto week = [&] {
    return make_statistics({{Priority::normal, "Acme", sunday_late}}, {}, ruleset, tuesday_ten()).weeks.at(0).name;
  };
  CHECK(week() == "2026-W47");
  ruleset.support.time_zone = "Europe/Berlin";
  CHECK(week() == "2026-W48");
}

TEST_CASE("A desk without tickets has three categories and nothing else") {
  const auto statistics = make_statistics({}, {}, sample_ruleset(), tuesday_ten());
  CHECK(statistics.categories.size() == 3);
  CHECK(statistics.organizations.empty());
  CHECK(statistics.weeks.empty());
  CHECK(statistics.all.reported == 0);
}

}  // namespace
}  // namespace ticketd
