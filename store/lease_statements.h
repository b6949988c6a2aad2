#pragma once

#include <string_view>

// Who works on a mailbox; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text leases =
    "SELECT mailbox, holder, token, place, tenure, rival, rival_since, is_copy, detail, looked_at, watched, "
    "watched_since FROM mailbox_leases ORDER BY mailbox";
inline constexpr Text write_lease =
    "INSERT INTO mailbox_leases (mailbox, holder, token, place, tenure, rival, rival_since, is_copy, detail, "
    "looked_at, watched, watched_since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
    "ON CONFLICT (mailbox) DO UPDATE SET holder = excluded.holder, token = excluded.token, place = excluded.place, "
    "tenure = excluded.tenure, rival = excluded.rival, rival_since = excluded.rival_since, is_copy = "
    "excluded.is_copy, detail = excluded.detail, looked_at = excluded.looked_at, watched = excluded.watched, "
    "watched_since = excluded.watched_since";
/// Mails to admins that were written since then: all that a desk sends that stands by.
inline constexpr Text due_alarms =
    "SELECT o.id, o.ticket, o.kind, o.urgency, o.reverse_path, o.message_id, 'sending', o.attempts + 1, "
    "o.uncertain_attempts, "
    "o.interrupted_attempts, NULL, o.last_error, o.waiting_since, b.octets FROM outbox o JOIN outbox_octets b ON "
    "b.outbox = o.id "
    "WHERE o.urgency = 2 AND o.kind = 'admin' AND o.state <> 'sent' AND o.dropped = 0 AND o.state IN ('queued', "
    "'deferred', 'uncertain') "
    "AND o.next_attempt_at <= ?1 AND o.waiting_since >= ?3 ORDER BY o.next_attempt_at, o.id LIMIT ?2";

}  // namespace ticketd::sql
