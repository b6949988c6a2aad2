#pragma once

#include "rules/command_case.h"
#include "rules/mail_case.h"

namespace ticketd {

/// The category that a label in the mail's subject has just got the ticket: how it counts when staff lower it.
void note_claim(const MailCase& mail, Ticket& ticket);

/// Staff have lowered `before` to Decision::ticket: a strike where the customer had claimed that category, once for
/// each claim, and the organization's downgrade where it is one too many (service-rules §4). `strikes`: unless staff
/// say otherwise.
void weigh_lowering(const CommandCase& command, bool strikes, const Ticket& before, Decision& decision);

/// While its organization is downgraded, a ticket that is opened again is Normal like a new one, whoever had it before.
/// Call before its clock starts.
void lower_reopened(Ticket& ticket, std::optional<Time> downgraded_until, const Ruleset& ruleset, Time now,
                    Decision& decision);

}  // namespace ticketd
