#pragma once

#include <map>
#include <string>
#include <string_view>

#include "rules/ticket.h"

namespace ticketd {

using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// What every text may say about a ticket (the list stands in templates.cc).
[[nodiscard]] TemplateValues ticket_values(const Ticket& ticket, const Ruleset& ruleset, Time now);
/// Why the ticket has its category, and when an answer comes.
void add_target_values(TemplateValues& values, const Ticket& ticket, std::string_view category_reason,
                       const Ruleset& ruleset, Time now);
/// `original_size`: the octets of a mail of which only the beginning was read; 0 for a mail that was read whole.
void add_size_notice(TemplateValues& values, std::uint64_t original_size);
/// What each category means and promises.
void add_category_values(TemplateValues& values, const Ruleset& ruleset);
/// What a member of the staff wrote; `staff_name` may be empty.
void add_person_values(TemplateValues& values, std::string_view text, std::string_view staff_name);
/// When a resolution is expected.
void add_estimate_values(TemplateValues& values, Time estimate, const Ruleset& ruleset, Time now);
/// What follows a resolution.
void add_closing_values(TemplateValues& values, const Ruleset& ruleset);

/// The ticket's subject, or words for that it has none.
[[nodiscard]] std::string shown_subject(const Ticket& ticket);
/// "SUP-123"
[[nodiscard]] std::string tag_of(TicketId ticket, const Ruleset& ruleset);

}  // namespace ticketd
