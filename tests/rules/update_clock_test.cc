// A further mail on a ticket that has its answer (service-rules §6).
#include "rules/response_clock.h"
#include "rules/timers.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

/// A Normal ticket of Tuesday, ten o'clock, about which the customer writes again at noon.
struct UpdateDesk {
  Ruleset ruleset = sample_ruleset();
  Ticket ticket;
  Time again = tuesday_ten() + 2h;

  UpdateDesk() {
    ruleset.normal.update = 2h;
    ticket.clock_from = tuesday_ten();
    set_target(ticket, tuesday_ten(), ruleset);
  }
};

}  // namespace

TEST_CASE("A further mail on a ticket that has its answer owes another where the category has a target for it") {
  UpdateDesk desk;
  auto& [ruleset, ticket, again] = desk;
  SECTION("not while the first one is owed") {
    CHECK_FALSE(start_update_clock(ticket, again, ruleset));
    CHECK(ticket.response_due_at == tuesday_ten() + 4h);
  }
  SECTION("not where none was ever owed, nor in a category without such a target") {
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
    ruleset.normal.update.reset();
    CHECK_FALSE(start_update_clock(ticket, again, ruleset));
    CHECK_FALSE(owes_response(ticket));
    Ticket silent;
    ruleset.normal.update = 2h;
    silent.responded_at = tuesday_ten();
    CHECK_FALSE(start_update_clock(silent, again, ruleset));
  }
  SECTION("from the mail on, warned of and missed like the first one") {
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
    ticket.notices = {tuesday_ten(), tuesday_ten(), tuesday_ten(), 2, {}};
    CHECK(start_update_clock(ticket, again, ruleset));
    CHECK(ticket.response_due_at == again + 2h);
    CHECK(ticket.warn_at == again + 90min);
    CHECK(ticket.notices == Notices{});
    CHECK(next_check(ticket, ruleset) == again + 90min);
    CHECK(is_breached(ticket, again + 3h));
    CHECK_FALSE(start_update_clock(ticket, again + 1h, ruleset));
    CHECK(ticket.response_due_at == again + 2h);
    CHECK(target_in_words(ticket, ruleset).starts_with("Normal is answered within 2 hours, counted in office hours"));
    CHECK(give_response(ticket, again + 1h) == "An answer to the customer's further mail, 1 hour before it was due.");
    CHECK(start_update_clock(ticket, again + 90min, ruleset));
  }
}

TEST_CASE("What becomes of the answer that a further mail owes when the ticket changes") {
  UpdateDesk desk;
  auto& [ruleset, ticket, again] = desk;
  SECTION("raised, a whole response is owed; lowered, the time is counted from the mail") {
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
    CHECK(start_update_clock(ticket, again, ruleset));
    change_priority(ticket, Priority::high, again + 30min, ruleset);
    CHECK(ticket.response_due_at == again + 2h + 30min);
    CHECK(target_of(ticket, ruleset) == ruleset.high.response);
    change_priority(ticket, Priority::normal, again + 40min, ruleset);
    CHECK(owes_response(ticket));
    CHECK(ticket.response_due_at == again + 4h);
  }
  SECTION("lowered while it is owed") {
    change_priority(ticket, Priority::high, tuesday_ten(), ruleset);
    ruleset.high.update = 30min;
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
    CHECK(start_update_clock(ticket, again, ruleset));
    CHECK(ticket.response_due_at == again + 30min);
    change_priority(ticket, Priority::normal, again + 10min, ruleset);
    CHECK(owes_response(ticket));
    CHECK(ticket.response_due_at == again + 2h);
  }
  SECTION("late before, it may be raised still; raised, or opened again, no more") {
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 5h).empty());
    CHECK(start_update_clock(ticket, tuesday_ten() + 6h, ruleset));
    CHECK_FALSE(is_breached(ticket, tuesday_ten() + 6h));
    CHECK(ticket.missed_before);
    auto raised = ticket;
    change_priority(raised, Priority::high, tuesday_ten() + 6h, ruleset);
    CHECK_FALSE(raised.missed_before);
    restart_clock(ticket, tuesday_ten() + 6h, ruleset);
    CHECK_FALSE(ticket.missed_before);
  }
  SECTION("reopened, the whole target counts again") {
    CHECK_FALSE(give_response(ticket, tuesday_ten() + 1h).empty());
    CHECK(start_update_clock(ticket, again, ruleset));
    restart_clock(ticket, again + 1h, ruleset);
    CHECK(ticket.response_due_at == again + 5h);
  }
}

}  // namespace ticketd
