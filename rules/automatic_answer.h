#pragma once

#include "rules/mail_case.h"

namespace ticketd {

/// Answers a mail of a ticket by a rendered template, where the mail may be answered by the program at all. True when
/// something is sent.
bool answer_automatically(const MailCase& mail, const Ticket& ticket, Templates::Rendered text, Decision& decision);

/// Only the beginning of a mail to a ticket was read: its sender is told so. Nothing for any other mail.
void answer_oversize(const MailCase& mail, const Ticket& ticket, Decision& decision);

}  // namespace ticketd
