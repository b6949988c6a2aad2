#pragma once

#include "rules/mail_case.h"
#include "rules/threading.h"

namespace ticketd {

/// Staff answer the customer from their own mail program, with a copy to the desk: he has it already.
[[nodiscard]] bool is_direct_answer(const MailCase& mail, const Ticket& ticket);

/// Such an answer is the ticket's response where the sender is shown to be staff; else it is only kept, for a forged
/// one would stop the response clock. Nothing is sent.
void keep_direct_answer(const MailCase& mail, const Thread& thread, Decision& decision);

}  // namespace ticketd
