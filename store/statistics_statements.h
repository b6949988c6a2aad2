#pragma once

#include <string_view>

// What statistics are made of; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

/// Those that an answer was, or will be, owed to. Of what is merged, one ticket is left.
inline constexpr Text reported_tickets =
    "SELECT priority, organization, reported_at FROM tickets WHERE reported_at >= ?1 AND merged_into IS NULL "
    "AND (response_due_at IS NOT NULL OR incident IS NOT NULL)";
inline constexpr Text past_targets =
    "SELECT priority, organization, clock_from, due_at, responded_at FROM past_targets WHERE clock_from >= ?1";
/// pressing_at is the highest integer where no answer is owed.
inline constexpr Text owed_targets =
    "SELECT priority, organization, clock_from, response_due_at, NULL FROM tickets "
    "WHERE status IN ('new', 'open', 'resolved') AND pressing_at < 9223372036854775807 AND clock_from >= ?1 "
    "AND merged_into IS NULL";

}  // namespace ticketd::sql
