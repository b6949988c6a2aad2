#pragma once

#include <string_view>

// What needs a person, and what is due; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text alarms = "SELECT name, text, raised_at, gone_at, is_over, repeats FROM alarms ORDER BY name";
inline constexpr Text forget_alarms = "DELETE FROM alarms";
inline constexpr Text insert_alarm =
    "INSERT INTO alarms (name, text, raised_at, gone_at, is_over, repeats) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
inline constexpr Text oldest_resolved =
    "SELECT number FROM tickets WHERE status = 'resolved' ORDER BY resolved_at, number LIMIT ?1";
inline constexpr Text resolved_after =
    "SELECT number FROM tickets WHERE status = 'resolved' AND (resolved_at, number) > (?2, ?3) "
    "ORDER BY resolved_at, number LIMIT ?1";
inline constexpr Text note_stuck =
    "INSERT INTO stuck_tickets (ticket, resolved_at, reason) VALUES (?1, ?2, ?3) ON CONFLICT (ticket) DO UPDATE SET "
    "resolved_at = excluded.resolved_at, reason = excluded.reason "
    "WHERE (resolved_at, reason) IS NOT (excluded.resolved_at, excluded.reason)";
inline constexpr Text stuck_tickets =
    "SELECT s.ticket, s.reason FROM stuck_tickets s CROSS JOIN tickets t ON t.number = s.ticket "
    "WHERE t.status = 'resolved' AND t.resolved_at IS s.resolved_at ORDER BY s.ticket";

}  // namespace ticketd::sql
