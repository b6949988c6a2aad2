#include "rules/staff_words.h"

#include <fmt/format.h>

#include "rules/incident.h"
#include "rules/time_words.h"

namespace ticketd {

std::string headline_of(StaffEvent event, Priority priority) {
  const auto category = category_name(priority);
  switch (event) {
    case StaffEvent::opened:
      return fmt::format("New {} ticket", category);
    case StaffEvent::raised:
      return fmt::format("Raised to {}", category);
    case StaffEvent::target_close:
      return fmt::format("Answer due soon ({})", category);
    case StaffEvent::breached:
      return fmt::format("Answer overdue ({})", category);
    case StaffEvent::page_unanswered:
      return fmt::format("Nobody has taken this {} ticket", category);
    case StaffEvent::customer_wrote:
      return "The customer wrote again";
    case StaffEvent::reopened:
      return fmt::format("Open again ({})", category);
    case StaffEvent::raise_refused:
      return "A higher category was asked for";
    case StaffEvent::mail_bounced:
      return "A mail to the customer came back";
    case StaffEvent::estimate_passed:
      return "The estimate has passed";
    case StaffEvent::stranger_wrote:
      return "Somebody who takes no part in it wrote";
    case StaffEvent::assigned:
      return fmt::format("Given to you ({})", category);
    case StaffEvent::category_kept:
      return fmt::format("Still {}, though its organization is downgraded", category);
    case StaffEvent::standing_changed:
      return "An organization's standing has changed";
    case StaffEvent::released:
      return fmt::format("Waits for its incident no more ({})", category);
  }
  return {};
}

std::string shown_requester(const Ticket& ticket) {
  const auto& who = ticket.requester;
  if (who.addr_spec.empty()) return who.display_name.empty() ? "nobody that is named" : who.display_name;
  return who.display_name.empty() ? who.addr_spec : fmt::format("{} <{}>", who.display_name, who.addr_spec);
}

std::string state_of(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  const auto status = ticket.status == TicketStatus::new_ ? "new" : std::string(name_of(ticket.status));
  const auto whose = ticket.assignee.empty() ? std::string("nobody has it") : fmt::format("{} has it", ticket.assignee);
  if (ticket.waits_for_incident && !owes_response(ticket))
    return fmt::format(
        "It is {}, {}; it waits for {}, and no answer is due until that is over. Is it about something "
        "else? #incident none, or ticketctl incident unlink {}",
        status, whose, shown_incident(IncidentNumber{ticket.incident.value_or(0)}),
        static_cast<std::int64_t>(ticket.number));
  if (!owes_response(ticket)) return fmt::format("It is {}, {}; no answer is due.", status, whose);
  return fmt::format("It is {}, {}; an answer {} due by {} ({}).", status, whose,
                     *ticket.response_due_at <= now ? "was" : "is",
                     local_due_time(*ticket.response_due_at, now, ruleset), ruleset.support.time_zone);
}

}  // namespace ticketd
