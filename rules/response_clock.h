#pragma once

#include <string>

#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// Owes an answer within the target of the ticket's category, counted from that instant (service-rules §1). What was
/// told of an earlier target is told of this one again. Of a ticket that waits for an incident, the clock is suspended.
void set_target(Ticket& ticket, Time from, const Ruleset& ruleset);

/// Gives a ticket another category, with its target (service-rules §6): lowered, it counts from the time of reporting,
/// or of the latest reopening, and an answer that was given under that category or a higher one is its answer;
/// raised, from `now`, a new answer is owed, and somebody has to take it again. Raised from Normal, where it had its
/// answer, and then lowered half-way, it is as if it had been raised to High. The category that it has changes nothing.
void change_priority(Ticket& ticket, Priority wanted, Time now, const Ruleset& ruleset);

/// The time within which the current clock wants its answer: PriorityRule::response, or PriorityRule::update.
[[nodiscard]] Duration target_of(const Ticket& ticket, const Ruleset& ruleset);

/// The customer has written again on a ticket that is worked on. Where its category has a target for that
/// (PriorityRule::update) and the ticket has its answer, another one is owed, counted from then: true.
bool start_update_clock(Ticket& ticket, Time from, const Ruleset& ruleset);

/// Opens a resolved or closed ticket again, with a new response clock from `from` on and no estimate.
void restart_clock(Ticket& ticket, Time from, const Ruleset& ruleset);

/// The first message of a person to the customer stops the clock (service-rules §1). What is to be said of it: "First
/// answer by a person, 2 hours before it was due."; empty where none was awaited.
[[nodiscard]] std::string give_response(Ticket& ticket, Time now);

/// The target of a ticket whose clock was just set, and how it comes about, as a sentence.
[[nodiscard]] std::string target_in_words(const Ticket& ticket, const Ruleset& ruleset);

/// "an answer is due Tuesday, 24 November 2026, 10:30", of a ticket whose clock was just set.
[[nodiscard]] std::string due_in_words(const Ticket& ticket, const Ruleset& ruleset);

}  // namespace ticketd
