#pragma once

#include "rules/mail_case.h"
#include "rules/threading.h"

namespace ticketd {

/// A mail becomes a ticket of its own, acknowledged when a person wrote it. `follows` is the closed ticket that it
/// answers too late to reopen; nullptr when there is none.
void open_ticket(const MailCase& mail, const Thread& thread, const Ticket* follows, Decision& decision);

}  // namespace ticketd
