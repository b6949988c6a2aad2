#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/time.h"
#include "rules/ruleset.h"

namespace ticketd {

/// What staff hear of: the rows of the table in service-rules §5. The values are persistent: do not change.
enum class StaffEvent {
  opened,           ///< a new ticket
  raised,           ///< to its present category
  target_close,     ///< Ruleset::page_warn_at of the response target is used up
  breached,         ///< the response target is missed
  page_unanswered,  ///< nobody has taken an Urgent ticket within Ruleset::page_repeat
  customer_wrote,   ///< on a ticket that exists
  reopened,
  raise_refused,
  mail_bounced,  ///< one that went to the customer
  estimate_passed,
  stranger_wrote,    ///< somebody who takes no part in the ticket, on one that exists
  assigned,          ///< somebody else gave the ticket to its assignee
  category_kept,     ///< its organization was downgraded, but somebody has it
  standing_changed,  ///< an organization was downgraded or restored; of no ticket
  released,          ///< it waits for its incident no more, and is not resolved
};

[[nodiscard]] std::string_view name_of(StaffEvent event);  ///< "page_unanswered"; programs know it, it never changes

/// One event of one ticket, with all of the ticket that decides who hears of it.
struct StaffNews {
  StaffEvent event = StaffEvent::opened;
  Priority priority = Priority::normal;  ///< after the event
  std::string assignee = {};             ///< Ticket::assignee
  std::uint32_t repetition = 0;          ///< of `page_unanswered`: 1 for the first time that the page goes out again
  std::string no_page_reason = {};       ///< why nobody may be paged for it, as a sentence (spam, failed
                                         ///< authentication, an incident); empty when it may
  std::string author = {};               ///< whoever of the staff wrote it knows it already; an address, or empty
  std::optional<Time> put_off_to = {};   ///< what would go out at once is told with others then
};

/// Somebody who hears of it: always by mail to `address`.
struct Listener {
  const StaffMember* member = nullptr;  ///< nullptr for an admin's address; lives as long as the ruleset
  std::string address;
  bool is_paged = false;  ///< called to act at once: the mail is a page, and one goes to each StaffMember::page and to
                          ///< StaffMember::webhook too
};

struct Audience {
  std::vector<Listener> listeners;  ///< nobody twice; empty only where the table says nobody, or there is nobody at all
  bool in_digest = false;           ///< one mail at `at` lists it with others; else it goes out at once
  Time at{};                        ///< now, or when the office opens
  std::string reason;               ///< sentences for the ticket's log: what happened, who was told, and why these
};

/// The table of service-rules §5. Where it leaves nobody to tell, it goes on to the engineers, the directors, the
/// managing director, anybody on the staff, and the admins, and says so. An assignee who can't be reached is told, and
/// so are those who would be told without one.
///
/// Mail goes to everybody. Paged as well are, of an Urgent ticket, all who hear of it; of a High one those who are to
/// act, outside office hours or once the target is close, and directors at a breach; of a Normal one those who are to
/// act on a refused raise outside office hours. Directors only while they are available, and so is whoever is given an
/// Urgent ticket. Nobody is paged for a bounce, a passed estimate, an organization's standing, or news with a
/// `no_page_reason`: with that, a ticket that is new, raised, reopened or written to waits in the queue like a Normal
/// one, and a page does not go out again.
[[nodiscard]] Audience audience_of(const StaffNews& news, const Ruleset& ruleset, Time now);

}  // namespace ticketd
