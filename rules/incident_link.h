#pragma once

#include "rules/decide.h"

namespace ticketd {

/// From now on the ticket waits for that incident: an answer that is owed is due no more (service-rules §7), unless it
/// is overdue.
void wait_for_incident(Ticket& ticket, IncidentNumber incident, Time now);

/// It waits no more. An answer that is still owed is due within the target counted from `now`.
void stop_waiting(Ticket& ticket, Time now, const Ruleset& ruleset);

/// For mails about the incident.
void add_incident_values(TemplateValues& values, const Incident& incident, const Ruleset& ruleset);

/// That a new ticket waits for an incident which it matches, and so nobody is told of it: as events and a step for
/// `explain`.
void link_to_incident(const Incident& incident, TicketId ticket, Time now, Decision& decision);

}  // namespace ticketd
