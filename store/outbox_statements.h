#pragma once

#include <string_view>

// What leaves; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text sending_outbox =
    "SELECT id, ticket, kind, urgency, reverse_path, message_id, state, attempts, uncertain_attempts, "
    "interrupted_attempts, next_attempt_at, last_error, waiting_since FROM outbox WHERE urgency IN (0, 1, 2, 3, 4) "
    "AND next_attempt_at IS NULL AND state = 'sending' AND state <> 'sent' AND dropped = 0 ORDER BY id";
/// Of one urgency, but for those that an earlier mail of the same ticket to one of the same people holds back: one that
/// is no less urgent, and was written after ?4.
inline constexpr Text due_outbox =
    "SELECT o.id, o.ticket, o.kind, o.urgency, o.reverse_path, o.message_id, 'sending', o.attempts + 1, "
    "o.uncertain_attempts, o.interrupted_attempts, NULL, o.last_error, o.waiting_since, b.octets "
    "FROM outbox o JOIN outbox_octets b ON b.outbox = o.id WHERE o.state <> 'sent' AND o.dropped = 0 "
    "AND o.state IN ('queued', 'deferred', 'uncertain') AND o.urgency = ?3 AND o.next_attempt_at <= ?1 "
    "AND NOT EXISTS (SELECT 1 FROM outbox e JOIN outbox_recipients er ON er.outbox = e.id AND er.state = 'open' "
    "JOIN outbox_recipients r ON r.outbox = o.id AND r.address = er.address WHERE e.ticket = o.ticket AND e.id < o.id "
    "AND e.urgency <= ?3 AND e.state IN ('deferred', 'uncertain') AND e.dropped = 0 AND e.next_attempt_at IS NOT NULL "
    "AND e.waiting_since > ?4) "
    "ORDER BY o.next_attempt_at, o.id LIMIT ?2";
inline constexpr Text mark_sending =
    "UPDATE outbox SET state = 'sending', attempts = attempts + 1, next_attempt_at = NULL, changed_at = ?2 WHERE id = "
    "?1";
inline constexpr Text recipients = "SELECT address, state FROM outbox_recipients WHERE outbox = ?1 ORDER BY position";
inline constexpr Text mark_recipient =
    "UPDATE outbox_recipients SET state = ?3 WHERE outbox = ?1 AND address = ?2 AND state = 'open'";
inline constexpr Text mark_open_recipients =
    "UPDATE outbox_recipients SET state = ?2 WHERE outbox = ?1 AND state = 'open'";
inline constexpr Text reopen_recipients =
    "UPDATE outbox_recipients SET state = 'open' WHERE outbox = ?1 AND state IN ('refused', 'barred')";
inline constexpr Text outbox_state = "SELECT state FROM outbox WHERE id = ?1 AND dropped = 0";
inline constexpr Text mark_result =
    "UPDATE outbox SET state = ?2, next_attempt_at = ?3, last_error = ?4, changed_at = ?5, "
    "unanswered_since = CASE WHEN ?8 THEN 9223372036854775807 WHEN unanswered_since = 9223372036854775807 THEN ?5 "
    "ELSE unanswered_since END, "
    "uncertain_attempts = uncertain_attempts + ?6, interrupted_attempts = interrupted_attempts + ?7 WHERE id = ?1";
inline constexpr Text retry_outbox =
    "UPDATE outbox SET state = 'queued', next_attempt_at = ?2, changed_at = ?2, waiting_since = ?2, uncertain_attempts "
    "= 0, "
    "interrupted_attempts = 0, unanswered_since = 0 WHERE id = ?1";
inline constexpr Text bring_forward =
    "UPDATE outbox SET next_attempt_at = CASE state WHEN 'queued' THEN ?1 ELSE min(next_attempt_at, ?2) END, "
    "waiting_since = min(waiting_since, ?1) "
    "WHERE state <> 'sent' AND dropped = 0 AND urgency IN (0, 1, 2, 3, 4) AND next_attempt_at > ?1";
inline constexpr Text drop_outbox = "UPDATE outbox SET dropped = 1, next_attempt_at = NULL WHERE id = ?1";
inline constexpr Text next_outbox_due =
    "SELECT next_attempt_at FROM outbox WHERE state <> 'sent' AND dropped = 0 "
    "AND state IN ('queued', 'deferred', 'uncertain') AND urgency = ?1 AND next_attempt_at IS NOT NULL "
    "ORDER BY next_attempt_at LIMIT 1";
inline constexpr Text outbox =
    "SELECT o.id, o.ticket, o.kind, o.urgency, o.reverse_path, o.message_id, o.state, o.attempts, "
    "o.uncertain_attempts, "
    "o.interrupted_attempts, o.next_attempt_at, o.last_error, o.waiting_since, r.address, r.state "
    "FROM outbox o JOIN outbox_recipients r ON r.outbox = o.id WHERE o.dropped = 0 ORDER BY o.id, r.position";
inline constexpr Text unsent_outbox =
    "SELECT o.id, o.ticket, o.kind, o.urgency, o.reverse_path, o.message_id, o.state, o.attempts, "
    "o.uncertain_attempts, "
    "o.interrupted_attempts, o.next_attempt_at, o.last_error, o.waiting_since, r.address, r.state "
    "FROM outbox o JOIN outbox_recipients r ON r.outbox = o.id WHERE o.state <> 'sent' AND o.dropped = 0 "
    "ORDER BY o.urgency, o.next_attempt_at, o.id, r.position";
inline constexpr Text latest_sent =
    "SELECT o.id, o.ticket, o.kind, o.urgency, o.reverse_path, o.message_id, o.state, o.attempts, "
    "o.uncertain_attempts, "
    "o.interrupted_attempts, o.next_attempt_at, o.last_error, o.waiting_since, r.address, r.state "
    "FROM outbox o JOIN outbox_recipients r ON r.outbox = o.id WHERE o.id IN "
    "(SELECT id FROM outbox WHERE state = 'sent' AND dropped = 0 ORDER BY id DESC LIMIT ?1) ORDER BY o.id, r.position";
inline constexpr Text outgoing =
    "SELECT id, ticket, kind, urgency, reverse_path, message_id, state, attempts, uncertain_attempts, "
    "interrupted_attempts, "
    "next_attempt_at, last_error, waiting_since FROM outbox WHERE id = ?1 AND dropped = 0";

}  // namespace ticketd::sql
