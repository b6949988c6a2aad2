#pragma once

#include <string>

#include "rules/audience.h"
#include "rules/ticket.h"

// What mails to staff say of a ticket.
namespace ticketd {

[[nodiscard]] std::string headline_of(StaffEvent event, Priority priority);
/// "Jane Doe <jane@acme.example>"
[[nodiscard]] std::string shown_requester(const Ticket& ticket);
/// "It is new, nobody has it; an answer is due by 10:30 today (Europe/Berlin)."
[[nodiscard]] std::string state_of(const Ticket& ticket, const Ruleset& ruleset, Time now);

}  // namespace ticketd
