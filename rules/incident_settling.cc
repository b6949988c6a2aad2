// A ticket whose incident is over.
#include <fmt/format.h>

#include "parsers/ascii.h"
#include "rules/acknowledgement.h"
#include "rules/command_case.h"
#include "rules/event_log.h"
#include "rules/incident_link.h"
#include "rules/incident_mail.h"
#include "rules/mail_values.h"
#include "rules/staff_notice.h"
#include "rules/time_words.h"
#include "rules/timers.h"

namespace ticketd {
namespace {

struct SettlingCase {
  const CommandContext& context;
  const Incident& incident;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;
};

/// Mail of a machine, which a person linked, is owed no answer.
bool was_ever_owed(const Ticket& ticket) {
  return ticket.clock_suspended || ticket.response_due_at || ticket.responded_at;
}

/// It waits no more, and a person has to look at it. Nothing of that is said of one that is done.
Decision release(const SettlingCase& settling, std::string_view why) {
  auto ticket = *settling.context.ticket;
  auto decision = change_of(ticket, fmt::format("It waits for {} no more.", shown_incident(settling.incident.number)));
  stop_waiting(ticket, settling.now, settling.ruleset);
  if (is_at_work(ticket)) {
    const auto due = owes_response(ticket) ? fmt::format(" An answer is due {}.",
                                                         dated_local_time(*ticket.response_due_at, settling.ruleset))
                                           : std::string();
    log_event(decision, ticket.number, settling.now, "ticketd", "incident_over",
              fmt::format("The incident is over, but this ticket is not resolved with it. {}{}", why, due));
    decision.news.push_back({StaffEvent::released, std::string(why)});
  }
  decision.ticket = std::move(ticket);
  return decision;
}

void write(const SettlingCase& settling, const Ticket& ticket, Decision& decision) {
  TemplateValues values;
  add_person_values(values, trim(settling.incident.text), "");
  add_closing_values(values, settling.ruleset);
  add_incident_values(values, settling.incident, settling.ruleset);
  send_incident_mail({settling.context, settling.ruleset, settling.templates, settling.now, settling.tokens},
                     "incident-resolved.txt", values, ticket, decision);
}

Decision resolve(const SettlingCase& settling) {
  auto ticket = *settling.context.ticket;
  const bool is_told = was_ever_owed(ticket);
  auto decision = change_of(ticket, fmt::format("Resolved with {}.{}", shown_incident(settling.incident.number),
                                                is_told ? "" : " Nobody waits for an answer to it, so none is sent."));
  log_event(decision, ticket.number, settling.now, "ticketd", "ticket_resolved", decision.reason);
  if (is_told) write(settling, ticket, decision);
  if (is_told && !ticket.responded_at) ticket.responded_at = settling.now;
  stop_waiting(ticket, settling.now, settling.ruleset);
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = settling.now;
  decision.ticket = std::move(ticket);
  return decision;
}

Decision settle(const SettlingCase& settling, std::string_view hindrance) {
  const auto& ticket = *settling.context.ticket;
  if (!is_at_work(ticket) || !hindrance.empty()) return release(settling, hindrance);
  if (ticket.customer_spoke)
    return release(settling, "The customer has written while it waited, so a person has to read that.");
  if (!was_ever_owed(ticket)) return resolve(settling);
  const auto answerable = judge_incident_mail(settling.context, settling.ruleset);
  if (answerable.is) return resolve(settling);
  auto decision = release(settling, answerable.why);
  decision.withheld_in_storm = answerable.is_for_storm;
  return decision;
}

}  // namespace

Decision decide_incident_over(const CommandContext& context, const Incident& incident, std::string_view hindrance,
                              const Ruleset& ruleset, const Templates& templates, Time now, const TokenSource& tokens) {
  auto decision = settle({context, incident, ruleset, templates, now, tokens}, hindrance);
  tell_staff({context.news, context.thread_message_ids, ruleset, templates, now, tokens}, decision);
  schedule_checks(decision, ruleset);
  return decision;
}

}  // namespace ticketd
