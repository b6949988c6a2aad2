// Who has taken a ticket, and who was only given it.
#include "tests/rules/fair_desk.h"

namespace ticketd {

TEST_CASE("An Urgent ticket that is given away pages whoever gets it, and again unless he takes it") {
  FairDesk desk;
  auto& ticket = *desk.context.ticket;
  ticket.notices.paged_at = desk.now - 1h;
  ticket.notices.page_repeats = 4;
  const AssignCommand to_duty{"The duty"};
  SECTION("by a page while he is available") {
    for (unsigned day = 0; day < 7; ++day)
      desk.ruleset.staff[1].available.push_back({std::chrono::weekday{day}, 0h, 24h});
    const auto decision = desk.done(to_duty);
    CHECK(told(decision) == std::vector<std::string>{"duty@example.com"});
    CHECK(decision.outgoing[0].kind == OutboxKind::page);
    CHECK(decision.ticket->check_at == desk.now + desk.ruleset.page_repeat);
    CHECK(decision.ticket->notices.page_repeats == 0);
  }
  SECTION("by mail while he is not") {
    const auto decision = desk.done(to_duty);
    CHECK(decision.outgoing[0].kind == OutboxKind::notification);
    CHECK(decision.ticket->check_at == desk.now + desk.ruleset.page_repeat);
  }
  SECTION("and nobody while it waits for an incident") {
    ticket.waits_for_incident = true;
    CHECK(desk.done(to_duty).ticket->notices == ticket.notices);
  }
  SECTION("by mail alone where the customer has his answer") {
    ticket.responded_at = desk.now - 1min;
    const auto decision = desk.done(to_duty);
    CHECK(decision.outgoing[0].kind == OutboxKind::notification);
    CHECK_FALSE(decision.ticket->check_at);
  }
}

TEST_CASE("Whoever works on a ticket that he was given has taken it") {
  FairDesk desk;
  auto& ticket = *desk.context.ticket;
  ticket.priority = Priority::high;
  ticket.status = TicketStatus::open;
  const StaffCommand deeds[] = {ReplyCommand{"I am at your exchange."}, EstimateCommand{"2h"},
                                PrioritizeCommand{Priority::urgent, ""}};
  for (const auto& deed : deeds) {
    INFO(deed.index());
    ticket.assignee = "Ann Engineer";
    CHECK(desk.done(deed).ticket->taken);
    ticket.assignee = "The duty";
    CHECK_FALSE(desk.done(deed).ticket->taken);
  }
  ticket.assignee = "Ann Engineer";
  CHECK_FALSE(desk.done(NoteCommand{"I am on a train, somebody else please."}).ticket->taken);
  ticket.assignee = "The duty";
  ticket.status = TicketStatus::resolved;
  ticket.taken = true;
  CHECK_FALSE(desk.done(ReopenCommand{}).ticket->taken);
  ticket.assignee = "Ann Engineer";
  CHECK(desk.done(ReopenCommand{}).ticket->taken);
}

}  // namespace ticketd
