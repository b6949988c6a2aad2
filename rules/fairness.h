#pragma once

#include "rules/command_case.h"
#include "rules/mail_case.h"

namespace ticketd {

/// How a claim in the subject of a mail counts once it is granted.
[[nodiscard]] LabelClaim claim_by(const MailCase& mail, Priority granted);

/// Staff have lowered `before` to Decision::ticket: a strike where the customer had claimed that category, once for
/// each claim, and the organization's downgrade where it is one too many (service-rules §4). `strikes`: unless staff
/// say otherwise.
void weigh_lowering(const CommandCase& command, bool strikes, const Ticket& before, Decision& decision);

/// While its organization is downgraded, a ticket that a reply opens again is Normal. Call before its clock starts.
void lower_reopened(const MailCase& mail, Ticket& ticket, Decision& decision);

}  // namespace ticketd
