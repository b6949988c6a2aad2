#pragma once

#include <string_view>

// Major incidents and the status page; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text open_incidents =
    "SELECT number, title, match, pattern, opened_at, resolved_at, coalesce((SELECT text FROM incident_updates u WHERE "
    "u.incident = i.number ORDER BY u.id DESC LIMIT 1), '') FROM incidents i WHERE resolved_at IS NULL ORDER BY number";
inline constexpr Text incident =
    "SELECT number, title, match, pattern, opened_at, resolved_at, coalesce((SELECT text FROM incident_updates u WHERE "
    "u.incident = i.number ORDER BY u.id DESC LIMIT 1), '') FROM incidents i WHERE number = ?1";
inline constexpr Text incidents =
    "SELECT number, title, match, pattern, opened_at, resolved_at, coalesce((SELECT text FROM incident_updates u WHERE "
    "u.incident = i.number ORDER BY u.id DESC LIMIT 1), '') FROM incidents i ORDER BY number DESC";
inline constexpr Text tickets_of_incident =
    "SELECT number FROM tickets WHERE incident = ?1 AND merged_into IS NULL ORDER BY number";
inline constexpr Text insert_incident =
    "INSERT INTO incidents (title, match, pattern, opened_at, settled) VALUES (?1, ?2, ?3, ?4, 0)";
inline constexpr Text insert_incident_update =
    "INSERT INTO incident_updates (incident, at, text) SELECT number, ?2, ?3 FROM incidents "
    "WHERE number = ?1 AND resolved_at IS NULL";
inline constexpr Text resolve_incident =
    "UPDATE incidents SET resolved_at = ?2 WHERE number = ?1 AND resolved_at IS NULL";
inline constexpr Text unsettled_incident =
    "SELECT number FROM incidents WHERE resolved_at IS NOT NULL AND settled = 0 AND number >= ?1 ORDER BY number "
    "LIMIT 1";
/// By this index: the other one leads past all that are done already, again for each piece.
inline constexpr Text waiting_tickets =
    "SELECT number FROM tickets INDEXED BY tickets_waiting WHERE incident = ?1 AND waits_for_incident = 1 "
    "AND number > ?3 ORDER BY number LIMIT ?2";
inline constexpr Text settle_incident = "UPDATE incidents SET settled = 1 WHERE number = ?1";
inline constexpr Text incidents_resolved_since =
    "SELECT number FROM incidents WHERE resolved_at >= ?1 ORDER BY resolved_at";
inline constexpr Text incident_updates = "SELECT at, text FROM incident_updates WHERE incident = ?1 ORDER BY id";
inline constexpr Text note_incident_change =
    "UPDATE status_page SET changes = changes + 1, changed_at = ?1 WHERE id = 1";
inline constexpr Text status_page = "SELECT changes, written, changed_at, error FROM status_page WHERE id = 1";
inline constexpr Text note_page_written =
    "UPDATE status_page SET written = max(written, ?1), error = '' WHERE id = 1 AND (written < ?1 OR error <> '')";
inline constexpr Text note_page_failed = "UPDATE status_page SET error = ?1 WHERE id = 1 AND error <> ?1";

}  // namespace ticketd::sql
