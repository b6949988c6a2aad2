// A ticket for somebody who called or wrote elsewhere.
#include <fmt/format.h>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/grant.h"
#include "rules/incident_link.h"
#include "rules/mail_encoder.h"
#include "rules/response_clock.h"

namespace ticketd {
namespace {

Claim claim_of(const CommandCase& command, const NewCommand& report, const std::string& organization) {
  return {find_subject_label(report.subject, command.ruleset), report.channel, organization,
          command.context.downgraded_until, nullptr};
}

Ticket reported_ticket(const CommandCase& command, const NewCommand& report, const Grant& grant, const Claim& claim) {
  Ticket ticket;
  ticket.number = command.context.next_number;
  ticket.subject = header_line(base_subject(report.subject, command.ruleset.support.subject_tag));
  ticket.priority = grant.priority;
  if (claim.label) ticket.requested_priority = claim.label->priority;
  ticket.labelled = claim.label.has_value();
  ticket.channel = report.channel;
  ticket.requester = {header_line(report.from.display_name), header_line(report.from.addr_spec)};
  if (!is_support_address(ticket.requester.addr_spec, command.ruleset)) ticket.reply_to = ticket.requester.addr_spec;
  ticket.organization = claim.organization;
  ticket.reported_at = ticket.clock_from = command.now;
  set_target(ticket, command.now, command.ruleset);
  return ticket;
}

Message reported_message(const CommandCase& command, const NewCommand& report, const Ticket& ticket) {
  Message message;
  message.ticket = ticket.number;
  message.at = command.now;
  message.from = ticket.requester;
  message.to = {{command.ruleset.support.name, command.ruleset.support.address}};
  message.subject = header_line(report.subject);
  message.text = report.text;
  return message;
}

/// Not by text message: an answer there costs the caller and says little.
Answerable judge_acknowledgement(const CommandCase& command, const NewCommand& report, const Ticket& ticket) {
  const auto& address = ticket.requester.addr_spec;
  if (report.channel == Channel::sms) return {false, "No acknowledgement: the request came by text message."};
  if (!is_envelope_address(address)) return {false, "No acknowledgement: there is no address to write to."};
  if (is_support_address(address, command.ruleset))
    return {false, "No acknowledgement: the address given is the support address itself."};
  return {true, fmt::format("{} is told that the request is on record.", printable_line(address))};
}

void acknowledge(const CommandCase& command, const Ticket& ticket, const Grant& grant, const Answerable& answerable,
                 const Incident* incident, Decision& decision) {
  decision.acknowledges = answerable.is;
  decision.acknowledgement_reason = answerable.why;
  log_event(decision, ticket.number, command.now, "ticketd",
            answerable.is ? "acknowledgement_queued" : "acknowledgement_withheld", answerable.why);
  if (!answerable.is) return;
  const Acknowledged acknowledged{ticket,
                                  grant,
                                  ticket.requester.addr_spec,
                                  {},
                                  {},
                                  true,
                                  0,
                                  incident == nullptr ? std::nullopt : std::optional(*incident)};
  decision.outgoing.push_back(
      compose_acknowledgement(acknowledged, command.ruleset, command.templates, command.now, command.tokens()));
}

}  // namespace

CommandResult decide_new(const CommandCase& command, const NewCommand& report) {
  const auto requester = header_line(report.from.addr_spec);
  if (requester.empty()) return unusable("A new ticket needs somebody who reports it: an address or a number.");
  if (is_support_address(requester, command.ruleset))
    return unusable(fmt::format("{} is this desk's own address; name whoever reports it.", requester));
  if (requester.find_first_of(",;") != requester.npos)
    return unusable("A ticket has one requester; write only one address, and the others later.");
  if (header_line(report.subject).empty()) return unusable("A new ticket needs a subject.");
  const auto claim = claim_of(command, report, organization_of(requester, command.ruleset));
  const auto grant = grant_priority(claim, command.ruleset, command.now);
  auto ticket = reported_ticket(command, report, grant, claim);
  const auto* incident =
      matching_incident(command.context.incidents, {report.subject, report.text, ticket.organization});
  if (incident != nullptr) wait_for_incident(ticket, incident->number, command.now);
  auto decision = change_of(ticket, fmt::format("Opened ticket {}.", number_of(ticket)));
  decision.outcome = Outcome::new_ticket;
  decision.opens = true;
  if (!is_support_address(requester, command.ruleset)) decision.participants = {to_lower(requester)};
  decision.messages = {reported_message(command, report, ticket)};
  log_action(command, decision, ticket.number, "ticket_opened",
             fmt::format("Opened by {} for {}, channel {}.", name_of_actor(command.actor), requester,
                         channel_name(ticket.channel)));
  log_event(decision, ticket.number, command.now, "ticketd", "category_set",
            fmt::format("{}: {}", category_name(ticket.priority), in_english(grant.reason)));
  acknowledge(command, ticket, grant, judge_acknowledgement(command, report, ticket), incident, decision);
  if (incident != nullptr)
    link_to_incident(*incident, ticket.number, command.now, decision);
  else
    decision.news.push_back({StaffEvent::opened, report.text});
  return decision;
}

}  // namespace ticketd
