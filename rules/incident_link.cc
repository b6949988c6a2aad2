// A ticket and the major incident that it belongs to.
#include "rules/incident_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/acknowledgement.h"
#include "rules/command_case.h"
#include "rules/event_log.h"
#include "rules/incident_mail.h"
#include "rules/response_clock.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// `incident 3 ("Phones down")`
std::string in_words(const Incident& incident) {
  return fmt::format("{} (\"{}\")", shown_incident(incident.number), printable_line(incident.title));
}

/// Which new tickets it takes to itself.
std::string meaning(const Incident& incident) {
  switch (incident.match) {
    case IncidentMatch::by_hand:
      return "what staff link to it";
    case IncidentMatch::words:
      return fmt::format("requests with the words \"{}\"", printable_line(incident.pattern));
    case IncidentMatch::organization:
      return fmt::format("requests of {}", printable_line(incident.pattern));
    case IncidentMatch::all:
      return "all new requests";
  }
  return {};
}

std::optional<Refusal> obstacle(const CommandCase& command, const Ticket& ticket, const Incident* incident,
                                IncidentNumber wanted) {
  if (ticket.status == TicketStatus::closed) return reopen_first(ticket, "is closed");
  if (ticket.status == TicketStatus::resolved)
    return unusable(fmt::format("Ticket {} is resolved: it waits for nothing.", number_of(ticket)));
  if (incident == nullptr) {
    std::vector<std::string> open;
    for (const auto& each : command.context.incidents) open.push_back(in_words(each));
    return unusable(fmt::format("There is no open incident {}; {}.", static_cast<std::int64_t>(wanted),
                                open.empty() ? "none is open" : fmt::format("open: {}", fmt::join(open, ", "))));
  }
  if (ticket.waits_for_incident && ticket.incident == static_cast<std::int64_t>(wanted))
    return unusable(fmt::format("Ticket {} is linked to {} already.", number_of(ticket), shown_incident(wanted)));
  return std::nullopt;
}

/// The customer is told what becomes of the answer that he was promised, where the program may write to him at all.
void tell_customer(const CommandCase& command, std::string_view file, const TemplateValues& values,
                   const Ticket& ticket, Decision& decision) {
  const auto answerable = judge_incident_mail(command.context, command.ruleset);
  if (answerable.is)
    send_incident_mail({command.context, command.ruleset, command.templates, command.now, command.tokens}, file, values,
                       ticket, decision);
  log_event(decision, ticket.number, command.now, "ticketd", answerable.is ? "answer_queued" : "answer_withheld",
            answerable.is ? "The customer is told of it." : answerable.why);
}

CommandResult link(const CommandCase& command, IncidentNumber wanted) {
  auto ticket = *command.context.ticket;
  const auto& open = command.context.incidents;
  const auto found = std::ranges::find(open, wanted, &Incident::number);
  if (auto refusal = obstacle(command, ticket, found == open.end() ? nullptr : &*found, wanted))
    return std::move(*refusal);
  auto decision = change_of(ticket, fmt::format("Linked to {} by {}.", in_words(*found), name_of_actor(command.actor)));
  wait_for_incident(ticket, wanted, command.now);
  log_action(command, decision, ticket.number, "incident_linked",
             decision.reason + (ticket.clock_suspended  ? " No answer is due while it is open."
                                : owes_response(ticket) ? " The answer that is overdue stays so."
                                                        : ""));
  if (ticket.clock_suspended || owes_response(ticket)) {
    TemplateValues values;
    add_incident_values(values, *found, command.ruleset);
    tell_customer(command, "incident-linked.txt", values, ticket, decision);
  }
  decision.ticket = std::move(ticket);
  return decision;
}

CommandResult unlink(const CommandCase& command) {
  auto ticket = *command.context.ticket;
  if (!ticket.incident) return unusable(fmt::format("Ticket {} is linked to no incident.", number_of(ticket)));
  const bool was_waiting = ticket.waits_for_incident;
  const bool was_suspended = ticket.clock_suspended;
  auto decision =
      change_of(ticket, fmt::format("Unlinked from {} by {}.", shown_incident(IncidentNumber{*ticket.incident}),
                                    name_of_actor(command.actor)));
  stop_waiting(ticket, command.now, command.ruleset);
  ticket.incident.reset();
  log_action(command, decision, ticket.number, "incident_unlinked",
             owes_response(ticket) ? fmt::format("{} An answer is due {}.", decision.reason,
                                                 dated_local_time(*ticket.response_due_at, command.ruleset))
                                   : decision.reason);
  if (was_suspended && owes_response(ticket)) tell_customer(command, "incident-unlinked.txt", {}, ticket, decision);
  const bool is_own = command.actor.staff != nullptr && command.actor.staff->name == ticket.assignee;
  if (was_waiting && owes_response(ticket) && is_at_work(ticket) && !is_own)
    decision.news.push_back({StaffEvent::released, decision.reason});
  decision.ticket = std::move(ticket);
  return decision;
}

}  // namespace

void wait_for_incident(Ticket& ticket, IncidentNumber incident, Time now) {
  ticket.incident = static_cast<std::int64_t>(incident);
  ticket.waits_for_incident = true;
  ticket.customer_spoke = false;
  ticket.notices.forget_page();
  if (!owes_response(ticket) || *ticket.response_due_at < now) return;
  ticket.clock_suspended = true;
  ticket.response_due_at.reset();
  ticket.warn_at.reset();
}

void stop_waiting(Ticket& ticket, Time now, const Ruleset& ruleset) {
  if (!std::exchange(ticket.waits_for_incident, false)) return;
  ticket.customer_spoke = false;
  ticket.notices.forget_page();
  const bool is_owed = std::exchange(ticket.clock_suspended, false) && !ticket.responded_at;
  if (!is_owed || !is_at_work(ticket)) return;
  ticket.clock_from = now;
  ticket.answered = {};
  set_target(ticket, now, ruleset);
}

void add_incident_values(TemplateValues& values, const Incident& incident, const Ruleset& ruleset) {
  const auto& url = ruleset.support.status_url;
  values["incident_title"] = printable_line(incident.title);
  values["incident_text"] = trim(printable_text(incident.text));
  values["status_url"] = url;
  values["status_page"] = url.empty() ? Words() : Words::phrase("status_page", {{"status_url", url}});
}

void link_to_incident(const Incident& incident, TicketId ticket, Time now, Decision& decision) {
  const auto match = fmt::format("It belongs to {}, which means {}.", in_words(incident), meaning(incident));
  const std::string_view untold = "Nobody is told of it, and no answer is due, until the incident is over.";
  log_event(decision, ticket, now, "ticketd", "incident_linked", match);
  log_event(decision, ticket, now, "ticketd", "staff_not_told", std::string(untold));
  note_reason(decision, "Incident", match);
  note_reason(decision, "Staff", untold);
}

CommandResult decide_incident(const CommandCase& command, const IncidentCommand& words) {
  return words.incident ? link(command, *words.incident) : unlink(command);
}

}  // namespace ticketd
