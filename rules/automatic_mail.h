#pragma once

#include <optional>
#include <string>

#include "parsers/email.h"
#include "rules/ruleset.h"

namespace ticketd {

// Each tells what in a mail shows that a machine wrote it, in words ("Auto-Submitted: auto-replied"), or nullopt.

/// A delivery status notification (RFC 3464) or one of its many relatives without a standard.
[[nodiscard]] std::optional<std::string> bounce_evidence(const Email& email, const Ruleset& ruleset);

/// RFC 3834 and what came before it: vacation notes, receipts, calendar answers, reports, alarms.
[[nodiscard]] std::optional<std::string> auto_reply_evidence(const Email& email, const Ruleset& ruleset);

/// Mailing lists (RFC 2919, RFC 2369), circulars, other desks, senders that take or want no automatic answers, and
/// subjects that a machine may have written. A person may have written such a mail: it is heard, and not answered by a
/// machine. A list that is the desk's own address, as where Support@ is a group, does not count.
[[nodiscard]] std::optional<std::string> bulk_evidence(const Email& email, const Ruleset& ruleset);

/// "noreply@…": nobody writes from such an address, and what is sent there is not read.
[[nodiscard]] bool takes_no_answers(const Email& email);

}  // namespace ticketd
