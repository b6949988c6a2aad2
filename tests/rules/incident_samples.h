#pragma once

#include "rules/incident_orders.h"
#include "rules/timers.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

inline Incident open_incident(int number, IncidentMatch match, std::string pattern = {}) {
  Incident incident;
  incident.number = IncidentNumber{number};
  incident.title = "No inbound calls";
  incident.match = match;
  incident.pattern = std::move(pattern);
  incident.opened_at = tuesday_ten() - 10min;
  incident.text = "The carrier has a fault; they expect an hour.";
  return incident;
}

inline Ticket waiting_ticket() {
  Ticket ticket;
  ticket.number = TicketId{17};
  ticket.subject = "Phones down";
  ticket.priority = Priority::urgent;
  ticket.requester = {"Jane Doe", "jane@acme.example"};
  ticket.reply_to = "jane@acme.example";
  ticket.organization = "Acme";
  ticket.reported_at = ticket.clock_from = tuesday_ten() - 1h;
  ticket.incident = 3;
  ticket.waits_for_incident = ticket.clock_suspended = true;
  return ticket;
}

/// A command on ticket 17 while incident 3 is open, by Ann.
struct CommandDesk {
  CommandContext context{TicketId{200}, waiting_ticket(), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;

  CommandDesk() { context.incidents = {open_incident(3, IncidentMatch::all)}; }
  [[nodiscard]] std::variant<Decision, Refusal> run(const StaffCommand& command) const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_command(command, context, {"ann", &ruleset.staff[0]}, ruleset, templates, tuesday_ten(), tokens);
  }
  [[nodiscard]] Decision done(const StaffCommand& command) const { return std::get<Decision>(run(command)); }
  [[nodiscard]] std::string refused(const StaffCommand& command) const {
    return std::get<Refusal>(run(command)).reason;
  }
};

inline std::vector<std::string> event_kinds(const Decision& decision) {
  std::vector<std::string> kinds;
  for (const auto& event : decision.events) kinds.push_back(event.kind);
  return kinds;
}

}  // namespace ticketd
