#include "rules/response_clock.h"

#include "rules/timers.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

TEST_CASE("Raising starts a new target that is told of anew, lowering counts from the report") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  ticket.notices.warned_at = tuesday_ten() + 3h;
  change_priority(ticket, Priority::urgent, tuesday_ten() + 3h, ruleset);
  CHECK_FALSE(ticket.notices.warned_at);
  CHECK(ticket.response_due_at == tuesday_ten() + 3h + 30min);
  change_priority(ticket, Priority::high, tuesday_ten() + 3h, ruleset);
  CHECK(ticket.response_due_at == tuesday_ten() + 2h);
  CHECK(next_check(ticket, ruleset) == tuesday_ten() + 90min);
}

TEST_CASE("Raised and lowered again, a ticket has the answer that it had") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  CHECK(give_response(ticket, tuesday_ten() + 1h) == "First answer by a person, 3 hours before it was due.");
  change_priority(ticket, Priority::urgent, tuesday_ten() + 2h, ruleset);
  CHECK_FALSE(ticket.responded_at);
  SECTION("lowered to where it was answered") {
    change_priority(ticket, Priority::normal, tuesday_ten() + 3h, ruleset);
    CHECK(ticket.responded_at == tuesday_ten() + 1h);
    CHECK_FALSE(is_breached(ticket, tuesday_ten() + 100h));
    CHECK_FALSE(next_check(ticket, ruleset));
  }
  SECTION("lowered to more than that") {
    change_priority(ticket, Priority::high, tuesday_ten() + 3h, ruleset);
    CHECK(owes_response(ticket));
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 4h).empty());
    change_priority(ticket, Priority::urgent, tuesday_ten() + 5h, ruleset);
    CHECK(owes_response(ticket));
    change_priority(ticket, Priority::high, tuesday_ten() + 5h, ruleset);
    CHECK(ticket.responded_at == tuesday_ten() + 4h);
    change_priority(ticket, Priority::normal, tuesday_ten() + 5h, ruleset);
    CHECK(ticket.responded_at == tuesday_ten() + 1h);
  }
  SECTION("reopened, it owes a new one") {
    restart_clock(ticket, tuesday_ten() + 3h, ruleset);
    change_priority(ticket, Priority::normal, tuesday_ten() + 4h, ruleset);
    CHECK(owes_response(ticket));
  }
}

}  // namespace ticketd
