#include <catch2/catch.hpp>

#include "tests/rules/incident_samples.h"

namespace ticketd {
namespace {

/// Ticket 17 goes into ticket 18.
struct MergeDesk : CommandDesk {
  MergeDesk() {
    context.other = waiting_ticket();
    context.other->number = TicketId{18};
  }
  Ticket& goes() { return *context.ticket; }
  Ticket& stays() { return *context.other; }
  [[nodiscard]] Decision merge() const { return done(MergeCommand{TicketId{18}}); }
};

/// Not waiting, with an answer due.
void run(Ticket& ticket) {
  ticket.incident.reset();
  ticket.waits_for_incident = ticket.clock_suspended = false;
  ticket.response_due_at = tuesday_ten() + 20min;
  ticket.warn_at = tuesday_ten() + 10min;
}

/// Not waiting, and answered in time.
void answer(Ticket& ticket) {
  run(ticket);
  ticket.status = TicketStatus::open;
  ticket.responded_at = tuesday_ten() - 1min;
}

}  // namespace

TEST_CASE("What waits for an incident waits on in the ticket that it goes into, where no answer is due") {
  MergeDesk desk;
  answer(desk.stays());
  desk.goes().customer_spoke = true;
  const auto decision = desk.merge();
  CHECK(decision.ticket->incident == 3);
  CHECK(decision.ticket->waits_for_incident);
  CHECK(decision.ticket->clock_suspended);
  CHECK(decision.ticket->customer_spoke);
  CHECK_FALSE(decision.ticket->response_due_at);
  CHECK_FALSE(owes_response(*decision.ticket));
  CHECK_FALSE(decision.absorbed->waits_for_incident);
  CHECK(has_event(decision, "incident_linked"));
}

TEST_CASE("A page about a customer's word goes out again after a merge, too") {
  MergeDesk desk;
  desk.stays().customer_spoke = true;
  desk.stays().notices.paged_at = tuesday_ten() - 5min;
  desk.stays().notices.page_repeats = 1;
  const auto decision = desk.merge();
  CHECK(decision.ticket->waits_for_incident);
  CHECK(decision.ticket->notices.paged_at);
  CHECK(decision.ticket->check_at == tuesday_ten() + 5min);
}

TEST_CASE("Of a promise that runs and one that is suspended, the one that runs stands") {
  MergeDesk desk;
  SECTION("of the ticket that stays") {
    run(desk.stays());
    desk.stays().notices.paged_at = tuesday_ten() - 5min;
  }
  SECTION("of the ticket that goes") { run(desk.goes()); }
  SECTION("of a ticket that goes, into one that waits and was answered") {
    run(desk.goes());
    desk.stays().clock_suspended = false;
    desk.stays().responded_at = tuesday_ten() - 1h;
  }
  SECTION("of a higher category that goes") {
    run(desk.goes());
    desk.stays().priority = Priority::normal;
  }
  const auto decision = desk.merge();
  CHECK_FALSE(decision.ticket->waits_for_incident);
  CHECK_FALSE(decision.ticket->clock_suspended);
  CHECK_FALSE(decision.ticket->incident);
  CHECK(decision.ticket->response_due_at == tuesday_ten() + 20min);
  CHECK(owes_response(*decision.ticket));
  CHECK(decision.ticket->priority == Priority::urgent);
  CHECK(event_detail(decision, "incident_unlinked").find("incident 3") != std::string::npos);
}

TEST_CASE("Two tickets that wait for the same incident wait on as one") {
  MergeDesk desk;
  desk.stays().clock_suspended = false;
  desk.stays().responded_at = tuesday_ten() - 1h;
  const auto decision = desk.merge();
  CHECK(decision.ticket->waits_for_incident);
  CHECK(decision.ticket->clock_suspended);
  CHECK_FALSE(decision.ticket->responded_at);
}

TEST_CASE("A breach is not undone by merging with a ticket that waits") {
  MergeDesk desk;
  desk.stays().clock_suspended = false;
  desk.stays().response_due_at = tuesday_ten() - 1min;
  const auto decision = desk.merge();
  CHECK(decision.ticket->waits_for_incident);
  CHECK_FALSE(decision.ticket->clock_suspended);
  CHECK(is_breached(*decision.ticket, tuesday_ten()));
}

TEST_CASE("Tickets that wait for different incidents are not merged") {
  MergeDesk desk;
  desk.stays().incident = 4;
  CHECK(desk.refused(MergeCommand{TicketId{18}}) ==
        "Ticket #17 waits for incident 3, and ticket #18 for incident 4; unlink one of them first: ticketctl incident "
        "unlink 17");
  desk.goes().status = TicketStatus::resolved;
  CHECK(desk.merge().ticket->incident == 4);
}

TEST_CASE("A resolved ticket that a merging opens again has no estimate any more") {
  MergeDesk desk;
  answer(desk.stays());
  desk.stays().status = TicketStatus::resolved;
  desk.stays().estimate_at = tuesday_ten() - 10min;
  run(desk.goes());
  CHECK_FALSE(desk.merge().ticket->estimate_at);
  desk.goes().estimate_at = tuesday_ten() + 1h;
  CHECK(desk.merge().ticket->estimate_at == tuesday_ten() + 1h);
}

}  // namespace ticketd
