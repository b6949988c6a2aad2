#include "rules/response_clock.h"

#include "rules/calendar.h"

namespace ticketd {

void change_priority(Ticket& ticket, Priority wanted, Time now, const Ruleset& ruleset) {
  if (wanted > ticket.priority) {
    ticket.response_due_at = response_due(now, wanted, ruleset);
    ticket.responded_at.reset();
  } else if (wanted < ticket.priority && ticket.response_due_at) {
    ticket.response_due_at = response_due(ticket.clock_from, wanted, ruleset);
  }
  ticket.priority = wanted;
}

void restart_clock(Ticket& ticket, Time from, const Ruleset& ruleset) {
  ticket.status = TicketStatus::open;
  ticket.resolved_at.reset();
  ticket.closed_at.reset();
  ticket.responded_at.reset();
  ticket.clock_from = from;
  ticket.response_due_at = response_due(from, ticket.priority, ruleset);
}

}  // namespace ticketd
