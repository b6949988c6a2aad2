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
  ticket.reported_at = ticket.clock_from = tuesday_ten();
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

TEST_CASE("Answered as Normal, raised and lowered half-way, it is as if it had been raised there") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  CHECK_FALSE(give_response(ticket, tuesday_ten() + 10min).empty());
  const Time raised = tuesday_ten() + 24h;
  change_priority(ticket, Priority::urgent, raised, ruleset);
  SECTION("and an answer is owed from then") {
    change_priority(ticket, Priority::high, raised + 5min, ruleset);
    CHECK(owes_response(ticket));
    CHECK(ticket.response_due_at == raised + 2h);
    CHECK(next_check(ticket, ruleset) == raised + 90min);
  }
  SECTION("and one that was given in time is not late") {
    CHECK_FALSE(give_response(ticket, raised + 20min).empty());
    change_priority(ticket, Priority::high, raised + 1h, ruleset);
    CHECK_FALSE(is_breached(ticket, raised + 100h));
  }
  SECTION("by way of Normal, from the last time") {
    change_priority(ticket, Priority::normal, raised + 1h, ruleset);
    CHECK(ticket.responded_at == tuesday_ten() + 10min);
    change_priority(ticket, Priority::urgent, raised + 3h, ruleset);
    change_priority(ticket, Priority::high, raised + 3h, ruleset);
    CHECK(ticket.response_due_at == raised + 5h);
  }
  SECTION("by way of Normal, where it had an answer as High before") {
    change_priority(ticket, Priority::high, raised + 5min, ruleset);
    CHECK_FALSE(give_response(ticket, raised + 10min).empty());
    change_priority(ticket, Priority::urgent, raised + 20min, ruleset);
    change_priority(ticket, Priority::normal, raised + 30min, ruleset);
    change_priority(ticket, Priority::urgent, raised + 24h, ruleset);
    change_priority(ticket, Priority::high, raised + 24h, ruleset);
    CHECK(owes_response(ticket));
    CHECK(ticket.response_due_at == raised + 26h);
  }
  SECTION("but not where it had no answer") {
    restart_clock(ticket, raised, ruleset);
    ticket.priority = Priority::normal;
    change_priority(ticket, Priority::urgent, raised + 3h, ruleset);
    change_priority(ticket, Priority::high, raised + 3h, ruleset);
    CHECK(ticket.response_due_at == raised + 2h);
  }
}

TEST_CASE("Raised or opened again, a ticket has to be taken again; lowered, it has not") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.priority = Priority::high;
  ticket.taken = true;
  change_priority(ticket, Priority::normal, tuesday_ten(), ruleset);
  CHECK(ticket.taken);
  change_priority(ticket, Priority::urgent, tuesday_ten(), ruleset);
  CHECK_FALSE(ticket.taken);
  ticket.taken = true;
  restart_clock(ticket, tuesday_ten(), ruleset);
  CHECK_FALSE(ticket.taken);
}

TEST_CASE("A first answer is one once, and later ones say what they follow") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.reported_at = ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  CHECK(give_response(ticket, tuesday_ten() + 1h) == "First answer by a person, 3 hours before it was due.");
  CHECK(give_response(ticket, tuesday_ten() + 1h).empty());
  SECTION("reopened") {
    restart_clock(ticket, tuesday_ten() + 2h, ruleset);
    CHECK(give_response(ticket, tuesday_ten() + 3h) ==
          "Answer by a person after the clock was started anew, 3 hours before it was due.");
  }
  SECTION("raised") {
    change_priority(ticket, Priority::high, tuesday_ten() + 2h, ruleset);
    CHECK(give_response(ticket, tuesday_ten() + 3h) ==
          "Answer by a person after the category was raised, 1 hour before it was due.");
  }
}

TEST_CASE("An answer that comes back while a ticket waits for an incident has its target") {
  const auto ruleset = sample_ruleset();
  Ticket ticket;
  ticket.clock_from = tuesday_ten();
  set_target(ticket, tuesday_ten(), ruleset);
  CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
  ticket.waits_for_incident = true;
  change_priority(ticket, Priority::high, tuesday_ten() + 2h, ruleset);
  CHECK(ticket.clock_suspended);
  change_priority(ticket, Priority::normal, tuesday_ten() + 3h, ruleset);
  CHECK(ticket.responded_at == tuesday_ten() + 1h);
  CHECK_FALSE(ticket.clock_suspended);
  CHECK(ticket.response_due_at == tuesday_ten() + 4h);
}

}  // namespace ticketd
