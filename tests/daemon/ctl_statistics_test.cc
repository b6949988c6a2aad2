// Statistics as ticketctl prints them.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/ctl/statistics_text.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using namespace std::chrono_literals;

Statistics sample_statistics() {
  const auto now = tuesday_ten();
  const auto answered = [&](Duration before, Duration time) {
    return AnswerTarget{Priority::urgent, "Acme", now - before, now - before + 30min, now - before + time, false};
  };
  return make_statistics({{Priority::urgent, "Acme", now - 1h}, {Priority::normal, "b\x1b[2Jee.example", now - 2h}},
                         {answered(1h, 25s),
                          answered(2h, 40min + 59s),
                          answered(26h, 10min),
                          {Priority::normal, "b\x1b[2Jee.example", now - 2h, now + 2h, {}, true}},
                         sample_ruleset(), now);
}

TEST_CASE("Statistics for people") {
  CHECK(present_statistics(sample_statistics(), tuesday_ten() - std::chrono::days{30}, sample_ruleset(), {}) ==
        "Since 2026-10-25 10:00 (UTC)\n"
        "An answer is owed when a ticket is reported, and again whenever its clock is started anew.\n"
        "\n"
        "Category  Tickets  Answers owed  Answered  Late  Waiting  In time  Median      90 % within\n"
        "Urgent    1        3             3         1     0        66 %     10 minutes  40 minutes\n"
        "High      0        0             0         0     0        -        -           -\n"
        "Normal    1        1             0         0     1        -        -           -\n"
        "All       2        4             3         1     1        66 %     10 minutes  40 minutes\n"
        "\n"
        "Organization     Tickets  Answers owed  Answered  Late  Waiting  In time  Median      90 % within\n"
        "Acme             1        3             3         1     0        66 %     10 minutes  40 minutes\n"
        "b\xEF\xBF\xBD[2Jee.example  1        1             0         0     1        -        -           -\n"
        "\n"
        "Week      Tickets  Answers owed  Answered  Late  Waiting  In time  Median      90 % within\n"
        "2026-W48  2        4             3         1     1        66 %     10 minutes  40 minutes\n");
}

TEST_CASE("Statistics of a desk without tickets") {
  const auto statistics = make_statistics({}, {}, sample_ruleset(), tuesday_ten());
  CHECK(present_statistics(statistics, tuesday_ten() - 1h, sample_ruleset(), {}) ==
        "Since 2026-11-24 09:00 (UTC)\n"
        "An answer is owed when a ticket is reported, and again whenever its clock is started anew.\n"
        "\n"
        "Category  Tickets  Answers owed  Answered  Late  Waiting  In time  Median  90 % within\n"
        "Urgent    0        0             0         0     0        -        -       -\n"
        "High      0        0             0         0     0        -        -       -\n"
        "Normal    0        0             0         0     0        -        -       -\n"
        "All       0        0             0         0     0        -        -       -\n");
}

TEST_CASE("Statistics as JSON") {
  const auto object = statistics_json(sample_statistics(), tuesday_ten() - 1h);
  CHECK(object.at("since") == "2026-11-24T09:00:00Z");
  CHECK(boost::json::serialize(object.at("categories").as_array()[1]) ==
        R"({"name":"High","reported":0,"owed":0,"answered":0,"within":0,"missed":0,"waiting":0,"share_within":null,)"
        R"("median_seconds":null,"p90_seconds":null})");
  const auto& all = object.at("all").as_object();
  CHECK(all.at("reported") == 2);
  CHECK(all.at("owed") == 4);
  CHECK(all.at("answered") == 3);
  CHECK(all.at("within") == 2);
  CHECK(all.at("missed") == 1);
  CHECK(all.at("waiting") == 1);
  CHECK(all.at("share_within").as_double() == Approx(2.0 / 3));
  CHECK(all.at("median_seconds") == 600);
  CHECK(all.at("p90_seconds") == 2459);
  CHECK(object.at("organizations").as_array().size() == 2);
  CHECK(object.at("weeks").as_array().size() == 1);
}

}  // namespace
}  // namespace ticketd
