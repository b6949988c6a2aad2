#pragma once

#include <optional>

#include "rules/decide.h"

namespace ticketd {

/// When the clock next has something to do with a ticket (service-rules §1, §5, §6), counted from what it says of
/// itself; nullopt: never, unless somebody does something.
[[nodiscard]] std::optional<Time> next_check(const Ticket& ticket, const Ruleset& ruleset);

/// The ticket as it is after the clock was set back: the latest page about it counts from now on, where it lies in the
/// future, so that the next one waits no longer than it would if that had gone out now.
[[nodiscard]] Ticket with_page_brought_forward(Ticket ticket, const Ruleset& ruleset, Time now);

/// Sets Ticket::check_at of the tickets that a decision changes: the last step of each deciding function.
void schedule_checks(Decision& decision, const Ruleset& ruleset);

}  // namespace ticketd
