#pragma once

#include <optional>

#include "rules/mail_case.h"
#include "rules/subject_label.h"
#include "rules/threading.h"

namespace ticketd {

/// The label that a follow-up asks for: one that the ticket's earlier subjects did not carry (service-rules §2), for
/// mail programs repeat them.
[[nodiscard]] std::optional<SubjectLabel> new_label(const MailCase& mail, const Candidate& candidate);

/// A label in a follow-up, when it counts (service-rules §2, §6): sets `ticket`'s category or says why not, with an
/// event and an answer. `before` is the ticket as it was before this mail.
void apply_follow_up_label(const MailCase& mail, const Thread& thread, const Ticket& before, Ticket& ticket,
                           Decision& decision);

}  // namespace ticketd
