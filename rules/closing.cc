#include "rules/closing.h"

#include <algorithm>

#include "rules/calendar.h"

namespace ticketd {

Time closing_time(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  const auto due = add_office_days(ticket.resolved_at.value_or(now), ruleset.close_after, ruleset);
  return std::max(due, on_office_day(now, ruleset));
}

}  // namespace ticketd
