#include "daemon/metrics/event_counts.h"

#include <catch2/catch.hpp>

#include "daemon/log/log.h"

namespace ticketd {
namespace {

TEST_CASE("Events are counted where they are logged, also without a log", "[metrics]") {
  EventCounts counts;
  {
    const log::Observation observation(counts);
    log::mail_filed("support", 17, "new_ticket", 12, "id@example.com", "no reference", 3.5);
    log::mail_filed("support", 18, "new_ticket", 13, "id@example.com", "no reference", 700.0);
    log::mail_filed("support", 19, "ignored", std::nullopt, "", "a list", 1.0);
    log::mail_filed("sales", 1, "staff", 12, "", "an answer", std::nullopt);
    log::mail_sent(4, 12, "reply", "id@example.com");
    log::mail_not_sent(5, 12, "reply", "id@example.com", "deferred", "451 later");
    log::mail_not_sent(5, 12, "reply", "id@example.com", "failed", "550 never");
    log::mail_not_sent(6, 12, "page", "id@example.com", "failed", "550 never");
  }
  log::mail_sent(7, 12, "reply", "id@example.com");  // nobody is told any more
  const auto totals = counts.totals();
  CHECK(totals.filed == std::map<EventCounts::Pair, std::uint64_t>{
                            {{"sales", "staff"}, 1}, {{"support", "ignored"}, 1}, {{"support", "new_ticket"}, 2}});
  CHECK(totals.sent == std::map<std::string, std::uint64_t>{{"reply", 1}});
  CHECK(totals.not_sent == std::map<std::string, std::uint64_t>{{"deferred", 1}, {"failed", 2}});
  CHECK(totals.events.at("mail_filed") == 4);
  CHECK(totals.events.at("mail_not_sent") == 3);
  REQUIRE(totals.lag.size() == 1);  // what became part of no ticket, or has no date, has no lag
  const auto& lag = totals.lag.at("support");
  CHECK(lag.count == 2);
  CHECK(lag.sum == Approx(703.5));
  CHECK(lag.at_most[1] == 0);  // 2 s
  CHECK(lag.at_most[2] == 1);  // 5 s
  CHECK(lag.at_most[7] == 1);  // 300 s
  CHECK(lag.at_most[8] == 2);  // 900 s
  CHECK(lag.at_most.back() == 2);
}

}  // namespace
}  // namespace ticketd
