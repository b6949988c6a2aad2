#pragma once

#include <string_view>

// What needs a person, and what is due; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text alarms =
    "SELECT name, text, raised_at, gone_at, is_over, repeats, count FROM alarms ORDER BY name";
inline constexpr Text forget_alarms = "DELETE FROM alarms";
inline constexpr Text insert_alarm =
    "INSERT INTO alarms (name, text, raised_at, gone_at, is_over, repeats, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Of what the clock has to do with a ticket: it counts until the clock is told otherwise.
inline constexpr Text note_stuck =
    "INSERT INTO stuck_tickets (ticket, check_at, reason) VALUES (?1, ?2, ?3) ON CONFLICT (ticket) DO UPDATE SET "
    "check_at = excluded.check_at, reason = excluded.reason "
    "WHERE (check_at, reason) IS NOT (excluded.check_at, excluded.reason)";
inline constexpr Text stuck_tickets = "SELECT ticket, reason FROM stuck_tickets ORDER BY ticket";

}  // namespace ticketd::sql
