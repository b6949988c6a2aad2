#pragma once

#include "rules/mail_case.h"
#include "rules/threading.h"

namespace ticketd {

/// A label in a follow-up, when it counts (service-rules §2, §6): sets `ticket`'s category or says why not, with an
/// event and an answer. `before` is the ticket as it was before this mail.
void apply_follow_up_label(const MailCase& mail, const Thread& thread, const Ticket& before, Ticket& ticket,
                           Decision& decision);

}  // namespace ticketd
