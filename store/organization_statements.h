#pragma once

#include <string_view>

// Organizations: their standing, and what counts against them; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text downgraded_until = "SELECT downgraded_until_at FROM organizations WHERE name = ?1";
inline constexpr Text count_strikes =
    "SELECT count(*) FROM strikes WHERE organization = ?1 AND at BETWEEN ?2 AND ?3 AND is_settled = 0";
/// `priority > 5` is what the index says of itself.
inline constexpr Text raised_tickets =
    "SELECT number, organization, requester_address FROM tickets WHERE priority IN (7, 10) AND priority > 5 "
    "AND status IN ('new', 'open')";
inline constexpr Text requester_of_organization =
    "SELECT requester_address FROM tickets WHERE status = 'closed' AND organization = ?1 UNION ALL "
    "SELECT requester_address FROM tickets INDEXED BY tickets_not_closed WHERE status <> 'closed' AND organization = "
    "?1 "
    "LIMIT 1";
inline constexpr Text strikes_of =
    "SELECT at, ticket, reason, is_settled FROM strikes WHERE organization = ?1 ORDER BY at, id";
inline constexpr Text organizations = "SELECT name FROM organizations ORDER BY name";
inline constexpr Text unclosed_organizations =
    "SELECT DISTINCT organization FROM tickets INDEXED BY tickets_not_closed WHERE status <> 'closed'";
/// Of those that have closed tickets: one step from each to the next, however many tickets there are.
inline constexpr Text next_organization =
    "SELECT min(organization) FROM tickets INDEXED BY tickets_closed_by_organization WHERE status = 'closed' "
    "AND organization > ?1";
inline constexpr Text insert_organization = "INSERT INTO organizations (name) VALUES (?1) ON CONFLICT DO NOTHING";
inline constexpr Text insert_strike =
    "INSERT INTO strikes (organization, at, ticket, reason, is_settled) VALUES (?1, ?2, ?3, ?4, ?5)";
inline constexpr Text set_standing =
    "INSERT INTO organizations (name, downgraded_until_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET "
    "downgraded_until_at = excluded.downgraded_until_at, is_end_told = 0";
/// NULLs come last.
inline constexpr Text move_standing =
    "INSERT INTO organizations (name, downgraded_until_at, is_end_told) "
    "SELECT ?2, downgraded_until_at, is_end_told FROM organizations WHERE name IN (?1, ?2) "
    "ORDER BY downgraded_until_at DESC LIMIT 1 ON CONFLICT (name) DO UPDATE SET "
    "downgraded_until_at = excluded.downgraded_until_at, is_end_told = excluded.is_end_told";
inline constexpr Text note_downgrade_end = "UPDATE organizations SET is_end_told = 1 WHERE name = ?1";
inline constexpr Text next_downgrade_end =
    "SELECT min(downgraded_until_at) FROM organizations WHERE downgraded_until_at > ?1 AND is_end_told = 0";
inline constexpr Text ended_downgrades =
    "SELECT name, downgraded_until_at FROM organizations WHERE downgraded_until_at <= ?1 AND is_end_told = 0 "
    "ORDER BY downgraded_until_at LIMIT ?2";
inline constexpr Text insert_organization_event =
    "INSERT INTO organization_events (organization, event) VALUES (?1, ?2)";
inline constexpr Text organization_events =
    "SELECT e.ticket, e.at, e.actor, e.kind, e.detail FROM organization_events AS o JOIN events AS e ON e.id = o.event "
    "WHERE o.organization = ?1 ORDER BY o.event";
inline constexpr Text move_organization_events =
    "UPDATE organization_events SET organization = ?2 WHERE organization = ?1";
inline constexpr Text move_strikes = "UPDATE strikes SET organization = ?2 WHERE organization = ?1";
inline constexpr Text forget_organization = "DELETE FROM organizations WHERE name = ?1";
inline constexpr Text settle_strikes = "UPDATE strikes SET is_settled = 1 WHERE organization = ?1 AND is_settled = 0";

}  // namespace ticketd::sql
