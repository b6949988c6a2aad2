#pragma once

#include "rules/mail_case.h"

namespace ticketd {

/// The mail of ours to staff that this one of staff answers, and that went to its very sender; nullptr when there is
/// none. What went to a customer too is none: he could answer it in the name of staff.
[[nodiscard]] const AnsweredMail* answered_mail(const MailCase& mail);

/// The octets of such a mail, read.
[[nodiscard]] Email read_answered(const AnsweredMail& answered);

/// Of an answer to a mail to staff that is about no ticket of its own, such as a digest: the ticket that the tag in its
/// subject names, where the answered mail names it too; nullptr for none.
[[nodiscard]] const Candidate* named_candidate(const MailCase& mail);

/// Tells staff how to answer a mail that is about no ticket of its own; no ticket is made of such an answer.
[[nodiscard]] bool answers_no_ticket(const MailCase& mail);
void ask_which_ticket(const MailCase& mail, Decision& decision);

}  // namespace ticketd
