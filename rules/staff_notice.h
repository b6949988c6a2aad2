#pragma once

#include <string>
#include <vector>

#include "rules/decide.h"

namespace ticketd {

/// What the mails to staff about a decision are made with; refers to the arguments of the deciding function.
struct StaffMailing {
  const NewsCounts& counts;
  const std::vector<std::string>& references;  ///< message ids of the conversation, oldest first
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;
  bool is_limited = true;  ///< by Ruleset::page_limit; not where staff brought it about themselves
  bool adds_up = true;     ///< towards that limit; what the clock says of a ticket that was told of does not
};

/// Tells staff the news of a decision (service-rules §5): a mail of its own to everybody who hears of it, a short one
/// to each of a paged member's pagers, or a line in a digest; an event says who was told and why. Beyond
/// Ruleset::page_limit all of it goes into a digest, which is a page where one was called for.
void tell_staff(const StaffMailing& mailing, Decision& decision);

/// The line above which an answer to a mail of ours is written. Nobody can guess it without having seen that mail.
[[nodiscard]] std::string cut_line_of(std::string_view message_id);

/// The digests that are due, one mail for each of those who are told, with a line for each ticket. What has become of
/// the tickets since is left out: those closed or answered since, and new ones that somebody has. Where whoever was to
/// be told has left the staff since, or is on leave, those hear who would hear of it if it happened now.
struct DueNews {
  DigestEntry entry;
  Ticket ticket;
};
[[nodiscard]] Decision decide_digests(const std::vector<DueNews>& due, const Ruleset& ruleset,
                                      const Templates& templates, Time now, const TokenSource& tokens);

}  // namespace ticketd
