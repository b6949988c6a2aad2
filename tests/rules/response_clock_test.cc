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

}  // namespace ticketd
