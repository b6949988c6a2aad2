#pragma once

#include <string_view>

// Who is answered how often, and who gets no mail at all; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

/// In the order of the index, so that nothing is sorted.
inline constexpr Text count_ticket_answers =
    "SELECT count(DISTINCT at) FROM sender_activity WHERE ticket = ?1 AND kind = 'answered' AND at BETWEEN ?2 AND ?3";
inline constexpr Text count_answers =
    "SELECT coalesce(sum(sent), 0), coalesce(sum(withheld), 0) FROM answer_counts WHERE from_at BETWEEN ?1 AND "
    "?2";
inline constexpr Text returned_mail =
    "SELECT o.id, o.kind, o.ticket FROM all_mail_keys k JOIN mail_ids m ON m.id = k.mail JOIN outbox o ON o.id = "
    "m.outbox "
    "WHERE k.message_key = ?1 AND m.message_id = ?2 AND m.ours = 1 LIMIT 1";
inline constexpr Text heard_since =
    "SELECT DISTINCT lower(m.from_address) FROM outbox o JOIN messages m ON m.ticket = ?2 "
    "WHERE o.id = ?1 AND m.direction = 'in' AND m.at > o.changed_at LIMIT ?3";
inline constexpr Text outbox_octets = "SELECT octets FROM outbox_octets WHERE outbox = ?1";
inline constexpr Text undeliverable_address =
    "SELECT u.address, u.since_at, u.reason, u.outbox, o.ticket FROM undeliverable u JOIN outbox o ON o.id = u.outbox "
    "WHERE u.address = ?1";
inline constexpr Text insert_undeliverable =
    "INSERT INTO undeliverable (address, since_at, reason, outbox) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
inline constexpr Text delete_undeliverable = "DELETE FROM undeliverable WHERE address = ?1";
inline constexpr Text note_return = "UPDATE outbox SET last_error = ?2 WHERE id = ?1 AND state = 'sent'";
inline constexpr Text suppress_outbox =
    "UPDATE outbox SET state = 'failed', next_attempt_at = NULL, last_error = ?2 WHERE id = ?1";
inline constexpr Text count_answer =
    "INSERT INTO answer_counts (from_at, sent, withheld) VALUES (?1, ?2, ?3) ON CONFLICT (from_at) DO UPDATE SET "
    "sent = sent + excluded.sent, withheld = withheld + excluded.withheld";
inline constexpr Text has_old_activity =
    "SELECT EXISTS (SELECT 1 FROM sender_activity WHERE at < ?1) OR EXISTS (SELECT 1 FROM staff_news WHERE at < ?1) "
    "OR EXISTS (SELECT 1 FROM answer_counts WHERE from_at < ?2)";
inline constexpr Text forget_activity =
    "DELETE FROM sender_activity WHERE (sender, kind, at, ticket) IN (SELECT sender, kind, at, ticket "
    "FROM sender_activity WHERE at < ?1 ORDER BY at LIMIT ?2)";
inline constexpr Text forget_answers =
    "DELETE FROM answer_counts WHERE from_at IN (SELECT from_at FROM answer_counts WHERE from_at < ?1 ORDER BY from_at "
    "LIMIT ?2)";
inline constexpr Text undeliverable =
    "SELECT u.address, u.since_at, u.reason, u.outbox, o.ticket FROM undeliverable u JOIN outbox o ON o.id = u.outbox "
    "ORDER BY u.address";
inline constexpr Text blocked_senders = "SELECT address, at, ticket FROM blocked_senders ORDER BY address";

}  // namespace ticketd::sql
