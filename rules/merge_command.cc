// Two tickets that are about the same become one.
#include <fmt/format.h>

#include "rules/command_case.h"

namespace ticketd {
namespace {

bool is_done(const Ticket& ticket) {
  return ticket.status == TicketStatus::resolved || ticket.status == TicketStatus::closed;
}

/// The earlier of two promises stands.
void take_over_clock(const Ticket& absorbed, Ticket& ticket) {
  if (!owes_response(absorbed)) return;
  if (!owes_response(ticket) || *absorbed.response_due_at < *ticket.response_due_at) {
    ticket.response_due_at = absorbed.response_due_at;
    ticket.clock_from = absorbed.clock_from;
  }
  ticket.responded_at.reset();
}

/// Nothing that was promised of a ticket still being worked on gets lost in the other.
void take_over_promises(const Ticket& absorbed, Ticket& ticket) {
  if (is_done(absorbed)) return;
  if (ticket.status == TicketStatus::resolved) {
    ticket.status = TicketStatus::open;
    ticket.resolved_at.reset();
  }
  take_over_clock(absorbed, ticket);
  if (absorbed.priority > ticket.priority) {
    ticket.priority = absorbed.priority;
    ticket.requested_priority = absorbed.requested_priority;
    ticket.labelled = ticket.labelled || absorbed.labelled;
  }
  if (ticket.assignee.empty()) ticket.assignee = absorbed.assignee;
  if (ticket.status == TicketStatus::new_) ticket.status = absorbed.status;
}

std::optional<Refusal> obstacle(const Ticket& absorbed, const MergeCommand& words, const std::optional<Ticket>& into) {
  if (words.into == absorbed.number) return unusable("A ticket can't be merged into itself.");
  if (!into)
    return Refusal{Refusal::Kind::no_such_ticket, fmt::format("There is no ticket {}.", shown_number(words.into))};
  if (into->merged_into)
    return unusable(fmt::format("Ticket {} was itself merged into {}; merge into that one.", number_of(*into),
                                shown_number(*into->merged_into)));
  if (into->status == TicketStatus::closed)
    return unusable(fmt::format("Ticket {0} is closed; reopen it first: ticketctl reopen {0}", number_of(*into)));
  return std::nullopt;
}

void log_category(const CommandCase& command, const Ticket& before, const Ticket& after, Decision& decision) {
  if (before.priority == after.priority) return;
  log_action(command, decision, after.number, "category_changed",
             fmt::format("From {} to {}, which the merged ticket had.", category_name(before.priority),
                         category_name(after.priority)));
}

}  // namespace

CommandResult decide_merge(const CommandCase& command, const MergeCommand& words) {
  auto absorbed = *command.context.ticket;
  if (auto refusal = obstacle(absorbed, words, command.context.other)) return std::move(*refusal);
  const auto& before = *command.context.other;
  auto ticket = before;
  take_over_promises(absorbed, ticket);
  absorbed.status = TicketStatus::closed;
  absorbed.closed_at = command.now;
  absorbed.merged_into = ticket.number;

  auto decision = change_of(ticket, fmt::format("Ticket {} merged into this one by {}.", number_of(absorbed),
                                                name_of_actor(command.actor)));
  decision.participants = command.context.participants;
  log_action(command, decision, ticket.number, "ticket_merged",
             decision.reason + " Its conversation stands here, and whoever takes part in it takes part in this one.");
  log_action(command, decision, absorbed.number, "ticket_merged",
             fmt::format("Merged into ticket {} by {}; what is written to this one goes there.", number_of(ticket),
                         name_of_actor(command.actor)));
  log_category(command, before, ticket, decision);
  decision.absorbed = std::move(absorbed);
  decision.ticket = std::move(ticket);
  return decision;
}

}  // namespace ticketd
