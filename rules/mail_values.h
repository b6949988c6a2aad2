#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/templates.h"
#include "rules/ticket.h"

namespace ticketd {

/// What every text may say about a ticket (the list stands in template_specs.cc).
[[nodiscard]] TemplateValues ticket_values(const Ticket& ticket, const Ruleset& ruleset, Time now);
/// Why the ticket has its category, and when an answer comes.
void add_target_values(TemplateValues& values, const Ticket& ticket, Words category_reason, const Ruleset& ruleset,
                       Time now);
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
[[nodiscard]] Words shown_subject(const Ticket& ticket);
/// In place of a subject that may not be quoted.
[[nodiscard]] Words unquoted_subject();
/// What the configuration gives as examples where it names none itself: those of phrases.txt.
[[nodiscard]] const std::vector<std::string>& default_examples(Priority priority);
/// The languages of mails to the ticket's customer: that of the organization, then the desk's.
[[nodiscard]] Templates::Languages languages_of(const Ticket& ticket, const Ruleset& ruleset);
/// "SUP-123"
[[nodiscard]] std::string tag_of(TicketId ticket, const Ruleset& ruleset);

}  // namespace ticketd
