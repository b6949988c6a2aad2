#include "rules/command_case.h"

#include <fmt/format.h>

#include "parsers/printable.h"
#include "rules/event_log.h"

namespace ticketd {

Refusal unusable(std::string reason) { return {Refusal::Kind::unusable, std::move(reason)}; }

std::string number_of(const Ticket& ticket) { return shown_number(ticket.number); }

std::string argument_of(TicketId number) { return std::to_string(static_cast<std::int64_t>(number)); }

Refusal reopen_first(const Ticket& ticket, std::string_view state) {
  return unusable(fmt::format("Ticket {} {}; reopen it first: ticketctl reopen {}", number_of(ticket), state,
                              argument_of(ticket.number)));
}

std::string name_of_actor(const Actor& actor) {
  return printable_line(actor.staff != nullptr ? actor.staff->name : actor.name);
}

void log_action(const CommandCase& command, Decision& decision, TicketId ticket, std::string_view kind,
                std::string detail) {
  log_event(decision, ticket, command.now, name_of_actor(command.actor), kind, std::move(detail));
}

Decision change_of(const Ticket& ticket, std::string reason) {
  Decision decision;
  decision.outcome = Outcome::staff;
  decision.reason = std::move(reason);
  decision.ticket = ticket;
  decision.channel = ticket.channel;
  decision.organization = ticket.organization;
  decision.requested_priority = ticket.requested_priority;
  return decision;
}

}  // namespace ticketd
