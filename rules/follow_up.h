#pragma once

#include "rules/mail_case.h"
#include "rules/threading.h"

namespace ticketd {

/// Is this a reply to a ticket that was closed too long ago to be reopened (service-rules §6)?
[[nodiscard]] bool comes_too_late(const MailCase& mail, const Thread& thread);

/// A mail is added to the ticket of `thread` and, as far as its standing allows, reopens and relabels it.
void add_follow_up(const MailCase& mail, const Thread& thread, Decision& decision);

}  // namespace ticketd
