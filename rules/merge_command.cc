// Two tickets that are about the same become one.
#include <fmt/format.h>

#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/incident_link.h"
#include "rules/response_clock.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// The earlier of two promises stands, with what was told of it.
void take_over_clock(const Ticket& other, Ticket& ticket) {
  if (!owes_response(other)) return;
  if (!owes_response(ticket) || *other.response_due_at < *ticket.response_due_at) {
    ticket.response_due_at = other.response_due_at;
    ticket.clock_from = other.clock_from;
    ticket.owes_update = other.owes_update;
    ticket.warn_at = other.warn_at;
    ticket.notices.warned_at = other.notices.warned_at;
    ticket.notices.breach_told_at = other.notices.breach_told_at;
  }
  ticket.responded_at.reset();
  ticket.answered = {};
}

/// Who was paged last about an Urgent ticket is paged again as if for this one.
void take_over_page(const Ticket& other, Ticket& ticket) {
  const auto& paged_at = other.notices.paged_at;
  if (other.priority != Priority::urgent || !paged_at) return;
  if (ticket.notices.paged_at && *ticket.notices.paged_at >= *paged_at) return;
  ticket.notices.paged_at = paged_at;
  ticket.notices.page_repeats = other.notices.page_repeats;
}

/// The next estimate that has not passed stands; of none such, the one that there is.
void take_over_estimate(const Ticket& absorbed, Ticket& ticket) {
  if (!absorbed.estimate_at) return;
  const bool is_passed = ticket.notices.estimate_passed_at.has_value();
  const bool is_passed_there = absorbed.notices.estimate_passed_at.has_value();
  const bool stands =
      ticket.estimate_at && (is_passed == is_passed_there ? *ticket.estimate_at <= *absorbed.estimate_at : !is_passed);
  if (stands) return;
  ticket.estimate_at = absorbed.estimate_at;
  ticket.notices.estimate_passed_at = absorbed.notices.estimate_passed_at;
}

/// An answer is due at a certain time, whatever becomes of an incident.
bool has_running_promise(const Ticket& ticket) { return owes_response(ticket) && !ticket.waits_for_incident; }

/// Before the promises are taken over: one that runs goes before one that is suspended.
void leave_incident(const Ticket& absorbed, Ticket& ticket) {
  if (!ticket.waits_for_incident || !has_running_promise(absorbed)) return;
  ticket.waits_for_incident = ticket.clock_suspended = ticket.customer_spoke = false;
  ticket.incident.reset();
}

/// What waits for an incident goes on waiting for it, in whichever ticket its conversation is.
void take_over_incident(const CommandCase& command, const Ticket& absorbed, const Ticket& before, Ticket& ticket) {
  if (!absorbed.waits_for_incident && !ticket.waits_for_incident) {
    if (!ticket.incident) ticket.incident = absorbed.incident;
    return;
  }
  if (has_running_promise(before) || has_running_promise(absorbed)) return;
  const bool has_spoken = ticket.customer_spoke || absorbed.customer_spoke;
  const auto& waiting = absorbed.waits_for_incident ? absorbed : ticket;
  const auto notices = ticket.notices;
  wait_for_incident(ticket, IncidentNumber{*waiting.incident}, command.now);  // also a clock that the merging started
  ticket.customer_spoke = has_spoken;
  if (has_spoken) ticket.notices = notices;  // a page that goes out again goes on
  if (!absorbed.clock_suspended || owes_response(ticket)) return;
  ticket.clock_suspended = true;
  ticket.responded_at.reset();
  ticket.answered = {};
  ticket.response_due_at.reset();
  ticket.warn_at.reset();
}

/// Nothing that was promised of a ticket still being worked on gets lost in the other.
void take_over_promises(const CommandCase& command, const Ticket& absorbed, Ticket& ticket) {
  if (!is_at_work(absorbed)) return;
  const auto before = ticket;
  if (ticket.status == TicketStatus::resolved) {
    ticket.status = TicketStatus::open;
    ticket.resolved_at.reset();
    ticket.estimate_at.reset();  // of the work that was done with
    ticket.notices.estimate_passed_at.reset();
  }
  leave_incident(absorbed, ticket);
  if (absorbed.priority > ticket.priority) {
    change_priority(ticket, absorbed.priority, command.now, command.ruleset);
    ticket.requested_priority = absorbed.requested_priority;
    ticket.labelled = ticket.labelled || absorbed.labelled;
    ticket.claimed_priority = absorbed.claimed_priority;
    ticket.claim = absorbed.organization == ticket.organization ? absorbed.claim : LabelClaim::none;
  }
  take_over_clock(before, ticket);
  take_over_clock(absorbed, ticket);
  take_over_page(before, ticket);
  take_over_page(absorbed, ticket);
  if (absorbed.no_page_reason.empty()) ticket.no_page_reason.clear();
  take_over_estimate(absorbed, ticket);
  take_over_incident(command, absorbed, before, ticket);
  if (ticket.assignee.empty()) ticket.assignee = absorbed.assignee;
  const bool is_his = absorbed.taken && absorbed.assignee == ticket.assignee;
  ticket.taken = ticket.taken || (is_his && absorbed.priority >= ticket.priority);
  if (ticket.status == TicketStatus::new_) ticket.status = absorbed.status;
}

/// `spam`: the ticket that was marked as its requester's spam.
std::optional<Refusal> obstacle(const Ticket& absorbed, const MergeCommand& words, const std::optional<Ticket>& into,
                                std::optional<TicketId> spam) {
  if (words.into == absorbed.number) return unusable("A ticket can't be merged into itself.");
  if (!into || into->number != words.into)
    return Refusal{Refusal::Kind::no_such_ticket, fmt::format("There is no ticket {}.", shown_number(words.into))};
  if (spam == absorbed.number) return reopen_first(absorbed, "was marked as spam");
  if (into->merged_into)
    return unusable(fmt::format("Ticket {} was itself merged into {}; merge into that one.", number_of(*into),
                                shown_number(*into->merged_into)));
  if (into->status == TicketStatus::closed) return reopen_first(*into, "is closed");
  if (is_at_work(absorbed) && absorbed.waits_for_incident && into->waits_for_incident &&
      absorbed.incident != into->incident)
    return unusable(fmt::format(
        "Ticket {} waits for incident {}, and ticket {} for incident {}; unlink one of them "
        "first: ticketctl incident unlink {}",
        number_of(absorbed), *absorbed.incident, number_of(*into), *into->incident, argument_of(absorbed.number)));
  return std::nullopt;
}

/// By their requesters too: a configured organization may be younger than a ticket.
bool is_same_organization(const Ticket& a, const Ticket& b, const Ruleset& ruleset) {
  return a.organization == b.organization ||
         organization_of(a.requester.addr_spec, ruleset) == organization_of(b.requester.addr_spec, ruleset);
}

/// Everybody but staff, where both tickets are of one organization. Others hear nothing of its answers.
std::vector<std::string> joining(const CommandCase& command, const Ticket& absorbed, const Ticket& ticket) {
  auto participants = command.context.participants;
  std::erase_if(participants,
                [&](const std::string& address) { return find_staff(address, command.ruleset) != nullptr; });
  if (!is_same_organization(absorbed, ticket, command.ruleset))
    std::erase_if(participants, [&](const std::string& address) {
      const auto organization = organization_of(address, command.ruleset);
      return organization != ticket.organization &&
             organization != organization_of(ticket.requester.addr_spec, command.ruleset);
    });
  return participants;
}

void log_category(const CommandCase& command, const Ticket& before, const Ticket& after, Decision& decision) {
  if (before.priority == after.priority) return;
  log_action(command, decision, after.number, "category_changed",
             fmt::format("From {} to {}, which the merged ticket had.", category_name(before.priority),
                         category_name(after.priority)));
}

void log_promises(const CommandCase& command, const Ticket& before, const Ticket& after, Decision& decision) {
  if (before.status == TicketStatus::resolved && after.status == TicketStatus::open)
    log_action(command, decision, after.number, "ticket_reopened",
               "It was resolved, and the merged ticket is still being worked on.");
  const bool is_new_promise =
      owes_response(after) && (!owes_response(before) || before.response_due_at != after.response_due_at);
  if (is_new_promise)
    log_action(command, decision, after.number, "response_owed",
               fmt::format("An answer is due {}, as the merged ticket promised.",
                           dated_local_time(*after.response_due_at, command.ruleset)));
}

/// What became of the incident that either of them waited for.
void log_incident(const CommandCase& command, const Ticket& absorbed, const Ticket& before, const Ticket& after,
                  Decision& decision) {
  const auto name = [](const Ticket& ticket) { return shown_incident(IncidentNumber{ticket.incident.value_or(0)}); };
  if (after.waits_for_incident && !before.waits_for_incident)
    log_action(command, decision, after.number, "incident_linked",
               fmt::format("It waits for {} now, as the merged ticket did.", name(after)));
  else if (before.waits_for_incident && !after.waits_for_incident)
    log_action(command, decision, after.number, "incident_unlinked",
               fmt::format("It waits for {} no more, for the merged ticket promises an answer.", name(before)));
  else if (absorbed.waits_for_incident && !after.waits_for_incident && is_at_work(absorbed))
    log_action(
        command, decision, after.number, "incident_unlinked",
        fmt::format("The merged ticket waited for {}; this one does not, for an answer is due.", name(absorbed)));
}

}  // namespace

CommandResult decide_merge(const CommandCase& command, const MergeCommand& words) {
  auto absorbed = *command.context.ticket;
  if (auto refusal = obstacle(absorbed, words, command.context.other, command.context.blocked_by))
    return std::move(*refusal);
  const auto& before = *command.context.other;
  auto ticket = before;
  take_over_promises(command, absorbed, ticket);
  absorbed.waits_for_incident = absorbed.clock_suspended = absorbed.customer_spoke = false;
  absorbed.status = TicketStatus::closed;
  absorbed.closed_at = command.now;
  absorbed.merged_into = ticket.number;

  auto decision = change_of(
      ticket, fmt::format("Ticket {} merged into this one by {}.", number_of(absorbed), name_of_actor(command.actor)));
  decision.participants = joining(command, absorbed, ticket);
  log_action(command, decision, ticket.number, "ticket_merged",
             fmt::format("{} Its conversation stands here, and {} takes part in this one.", decision.reason,
                         is_same_organization(absorbed, ticket, command.ruleset)
                             ? "whoever takes part in it"
                             : "nobody of another organization than this ticket's"));
  log_action(command, decision, absorbed.number, "ticket_merged",
             fmt::format("Merged into ticket {} by {}; what is written to this one goes there.", number_of(ticket),
                         name_of_actor(command.actor)));
  log_category(command, before, ticket, decision);
  log_promises(command, before, ticket, decision);
  log_incident(command, *command.context.ticket, before, ticket, decision);
  if (ticket.priority > before.priority) decision.news.push_back({StaffEvent::raised, {}});
  decision.absorbed = std::move(absorbed);
  decision.ticket = std::move(ticket);
  return decision;
}

}  // namespace ticketd
