#pragma once

#include <string_view>

#include "rules/mail_case.h"
#include "rules/mail_values.h"

namespace ticketd {

/// Answers a mail of a ticket by a template, where the program may answer it at all; the ticket's events say when it
/// may not. True when something is sent.
bool answer_automatically(const MailCase& mail, const Ticket& ticket, std::string_view file, TemplateValues values,
                          Decision& decision);

/// Only the beginning of a mail to a ticket was read: its sender is told so. Nothing for any other mail.
void answer_oversize(const MailCase& mail, const Ticket& ticket, Decision& decision);

}  // namespace ticketd
