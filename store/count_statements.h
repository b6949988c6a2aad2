#pragma once

#include <string_view>

// How the desk stands; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text count_unsent =
    "SELECT state, count(*), nullif(min(max(waiting_since, unanswered_since)), 9223372036854775807), "
    "count(*) FILTER (WHERE attempts = 0) FROM outbox WHERE state <> 'sent' AND dropped = 0 GROUP BY state";
inline constexpr Text count_put_off =
    "SELECT count(*) FROM outbox WHERE state <> 'sent' AND dropped = 0 AND state = 'deferred' "
    "AND unanswered_since = 9223372036854775807 AND waiting_since < ?1";
inline constexpr Text count_sending =
    "SELECT count(*), min(changed_at) FROM outbox "
    "WHERE urgency IN (0, 1, 2, 3, 4) AND next_attempt_at IS NULL AND state = 'sending' AND state <> 'sent' AND "
    "dropped = 0";
/// pressing_at is the highest integer where no answer is owed.
inline constexpr Text next_target =
    "SELECT number, priority, pressing_at FROM tickets WHERE status = ?1 AND pressing_at > ?2 "
    "AND pressing_at < 9223372036854775807 ORDER BY pressing_at, priority DESC LIMIT 1";
inline constexpr Text most_overdue =
    "SELECT number, priority, pressing_at FROM tickets WHERE status = ?1 AND pressing_at < ?2 "
    "ORDER BY pressing_at, priority DESC LIMIT 1";
inline constexpr Text count_owed =
    "SELECT count(*), count(*) FILTER (WHERE pressing_at < ?2) FROM tickets WHERE status IN ('new', 'open', "
    "'resolved') "
    "AND pressing_at < 9223372036854775807 AND priority = ?1";
inline constexpr Text count_tickets =
    "SELECT status, count(*) FROM tickets WHERE status IN ('new', 'open', 'resolved') GROUP BY status";
inline constexpr Text count_overdue =
    "SELECT count(*) FROM tickets WHERE status IN ('new', 'open', 'resolved') AND pressing_at < ?1";
inline constexpr Text count_answered_late =
    "SELECT count(*) FROM tickets WHERE status IN ('new', 'open', 'resolved') AND responded_at > response_due_at";
inline constexpr Text target_counts = "SELECT result, targets FROM target_counts WHERE priority = ?1";
inline constexpr Text all_ledger_counts =
    "SELECT m.name, c.outcome, c.entries FROM mailboxes m JOIN ledger_counts c ON c.mailbox = m.id ORDER BY m.name";
/// Numbers of tickets and messages are given out one after the other.
inline constexpr Text extents =
    "SELECT (SELECT max(number) FROM tickets), (SELECT max(id) FROM messages) - indexed_up_to "
    "FROM search_progress WHERE id = 1";

}  // namespace ticketd::sql
