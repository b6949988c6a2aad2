#pragma once

#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// When a resolved ticket is closed unless the customer writes (service-rules §6): never on a day on which the office
/// does not open. `now` or earlier: at once. Rises with Ticket::resolved_at.
[[nodiscard]] Time closing_time(const Ticket& ticket, const Ruleset& ruleset, Time now);

}  // namespace ticketd
