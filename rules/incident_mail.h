#pragma once

#include <string_view>

#include "rules/decide.h"
#include "rules/mail_values.h"

namespace ticketd {

/// What a mail about an incident is composed with; refers to the arguments of the deciding function.
struct IncidentMailing {
  const CommandContext& context;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;
};

/// A mail by the program to the ticket's requester alone (service-rules §9), never to Reply-To or copies, and the same
/// words in the conversation. `values`: what the file holds beside those of the ticket.
void send_incident_mail(const IncidentMailing& mailing, std::string_view file, const TemplateValues& values,
                        const Ticket& ticket, Decision& decision);

}  // namespace ticketd
