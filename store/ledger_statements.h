#pragma once

#include <string_view>

// Mailboxes, the ledger and the quarantine; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

// Mailboxes and ledger.
inline constexpr Text mailbox =
    "SELECT uid_validity, last_uid, watermark, renumbered, first_contact_at FROM mailboxes WHERE name = ?1";
inline constexpr Text folder_of = "SELECT folder FROM mailboxes WHERE name = ?1";
inline constexpr Text rename_mailbox = "UPDATE mailboxes SET name = ?2 WHERE name = ?1";
inline constexpr Text set_folder =
    "INSERT INTO mailboxes (name, folder) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET folder = excluded.folder";
inline constexpr Text open_mailbox =
    "INSERT INTO mailboxes (name, uid_validity, watermark, first_contact_at, renumbered) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (name) DO UPDATE SET uid_validity = excluded.uid_validity, watermark = excluded.watermark, "
    "first_contact_at = excluded.first_contact_at, renumbered = excluded.renumbered, last_uid = 0, compared_at = NULL";
inline constexpr Text forget_missing =
    "DELETE FROM missing_uids WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1)";
inline constexpr Text insert_missing =
    "INSERT INTO missing_uids (mailbox, uid) SELECT id, ?2 FROM mailboxes WHERE name = ?1 ON CONFLICT DO NOTHING";
inline constexpr Text settle_missing =
    "DELETE FROM missing_uids WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) AND uid = ?2";
inline constexpr Text ledger_has =
    "SELECT 1 FROM ledger WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) AND uid_validity = ?2 "
    "AND uid = ?3 AND outcome <> 'vanished'";
inline constexpr Text highest_recorded =
    "SELECT max(uid) FROM ledger WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) AND uid_validity = ?2";
inline constexpr Text dated_entry =
    "SELECT internal_date_at, listed_size FROM ledger WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) "
    "AND uid_validity = ?2 AND uid = ?3 AND internal_date_at IS NOT NULL";
inline constexpr Text insert_ledger =
    "INSERT INTO ledger (mailbox, uid_validity, uid, outcome, ticket, quarantine, at, reason, action, "
    "internal_date_at, listed_size) "
    "VALUES ((SELECT id FROM mailboxes WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
    "ON CONFLICT (mailbox, uid_validity, uid) DO NOTHING";
inline constexpr Text forget_vanished =
    "DELETE FROM ledger WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) AND uid_validity = ?2 "
    "AND uid = ?3 AND outcome = 'vanished'";
inline constexpr Text uncount_vanished =
    "UPDATE ledger_counts SET entries = entries - 1 WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) "
    "AND uid_validity = ?2 AND outcome = 'vanished'";
inline constexpr Text count_ledger =
    "INSERT INTO ledger_counts (mailbox, uid_validity, outcome, entries) "
    "VALUES ((SELECT id FROM mailboxes WHERE name = ?1), ?2, ?3, 1) "
    "ON CONFLICT (mailbox, uid_validity, outcome) DO UPDATE SET entries = entries + 1";
inline constexpr Text advance_cursor =
    "UPDATE mailboxes SET last_uid = ?3 WHERE name = ?1 AND uid_validity = ?2 AND last_uid < ?3";
inline constexpr Text pending_actions =
    "SELECT ?1, uid_validity, uid, outcome, ticket, at, reason, action, quarantine FROM ledger "
    "INDEXED BY ledger_pending WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) AND uid_validity = ?2 "
    "AND action = 'pending' ORDER BY uid";
inline constexpr Text mark_action_done =
    "UPDATE ledger SET action = 'done' WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) "
    "AND uid_validity = ?2 AND uid = ?3 AND action = 'pending'";
inline constexpr Text note_good_poll =
    "INSERT INTO mailboxes (name, last_success_at, lag) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET "
    "last_success_at = excluded.last_success_at, lag = coalesce(excluded.lag, lag), error = ''";
inline constexpr Text note_bad_poll =
    "INSERT INTO mailboxes (name, error) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET error = excluded.error";
inline constexpr Text note_comparison =
    "UPDATE mailboxes SET compared_at = ?2, server_count = ?3, listed_count = ?4, recorded_count = ?5 WHERE name = ?1";
inline constexpr Text mailboxes =
    "SELECT id, name, uid_validity, last_uid, last_success_at, lag, error, "
    "compared_at, server_count, listed_count, recorded_count FROM mailboxes "
    "ORDER BY name";
inline constexpr Text ledger_counts =
    "SELECT outcome, entries FROM ledger_counts WHERE mailbox = ?1 AND uid_validity = ?2 AND entries > 0";
inline constexpr Text oldest_pending =
    "SELECT min(at) FROM ledger INDEXED BY ledger_pending WHERE mailbox = ?1 AND uid_validity = ?2 "
    "AND action = 'pending'";
inline constexpr Text count_quarantine = "SELECT count(*) FROM quarantine";
inline constexpr Text missing_uids =
    "SELECT uid FROM missing_uids m WHERE mailbox = ?1 AND NOT EXISTS (SELECT 1 FROM ledger l "
    "WHERE l.mailbox = m.mailbox AND l.uid_validity = ?2 AND l.uid = m.uid AND l.outcome <> 'vanished') ORDER BY uid";
inline constexpr Text ledger_of_mailbox =
    "SELECT ?1, uid_validity, uid, outcome, ticket, at, reason, action, quarantine FROM ledger "
    "WHERE mailbox = (SELECT id FROM mailboxes WHERE name = ?1) ORDER BY uid_validity, uid";

// Quarantine.
inline constexpr Text insert_quarantine =
    "INSERT INTO quarantine (at, reason, mailbox, channel, arrived_at, first_contact_at, backlog, silent, oversize, "
    "original_size, size, octets) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
inline constexpr Text quarantine =
    "SELECT q.id, q.mailbox, l.uid, q.at, q.reason, q.size FROM quarantine q LEFT JOIN ledger l ON l.quarantine = q.id "
    "ORDER BY q.id";
inline constexpr Text quarantine_entry =
    "SELECT q.id, q.mailbox, l.uid, q.at, q.reason, q.size FROM quarantine q LEFT JOIN ledger l ON l.quarantine = q.id "
    "WHERE q.id = ?1";
inline constexpr Text quarantined_mail =
    "SELECT mailbox, channel, arrived_at, first_contact_at, backlog, silent, oversize, original_size, octets "
    "FROM quarantine WHERE id = ?1";
inline constexpr Text ledger_of_quarantined = "SELECT mailbox, uid_validity, uid FROM ledger WHERE quarantine = ?1";
inline constexpr Text settle_quarantined =
    "UPDATE ledger SET outcome = ?4, ticket = ?5, reason = ?6, quarantine = NULL "
    "WHERE mailbox = ?1 AND uid_validity = ?2 AND uid = ?3";
inline constexpr Text uncount_ledger =
    "UPDATE ledger_counts SET entries = entries - 1 WHERE mailbox = ?1 AND uid_validity = ?2 AND outcome = ?3";
inline constexpr Text recount_ledger =
    "INSERT INTO ledger_counts (mailbox, uid_validity, outcome, entries) VALUES (?1, ?2, ?3, 1) "
    "ON CONFLICT (mailbox, uid_validity, outcome) DO UPDATE SET entries = entries + 1";
inline constexpr Text delete_quarantined = "DELETE FROM quarantine WHERE id = ?1";

}  // namespace ticketd::sql
