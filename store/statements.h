#pragma once

#include <array>
#include <string_view>

#include "store/alarm_statements.h"
#include "store/answer_statements.h"
#include "store/count_statements.h"
#include "store/data_statements.h"
#include "store/incident_statements.h"
#include "store/lease_statements.h"
#include "store/ledger_statements.h"
#include "store/mail_key_statements.h"
#include "store/organization_statements.h"
#include "store/outbox_statements.h"
#include "store/search_statements.h"
#include "store/statistics_statements.h"
#include "store/ticket_statements.h"
#include "store/token_statements.h"

// Every statement that the store runs: tests explain each one's plan.
namespace ticketd::sql {

// Contexts.
inline constexpr Text next_number = "SELECT coalesce(max(number), 0) + 1 FROM tickets";
inline constexpr Text merged_into = "SELECT merged_into FROM tickets WHERE number = ?1 AND merged_into IS NOT NULL";
inline constexpr Text blocked_by = "SELECT ticket FROM blocked_senders WHERE address = ?1";
inline constexpr Text incoming_subjects =
    "SELECT subject FROM messages WHERE ticket = ?1 AND direction = 'in' AND lower(from_address) IN "
    "(SELECT address FROM participants WHERE ticket = ?1) ORDER BY id DESC LIMIT ?2";
/// What the customer knows of a ticket's conversation.
inline constexpr Text texts_of_customer =
    "SELECT substr(text, 1, ?3) FROM messages WHERE ticket = ?1 AND (direction = 'out' OR (direction = 'in' AND "
    "lower(from_address) IN (SELECT address FROM participants WHERE ticket = ?1))) ORDER BY id DESC LIMIT ?2";
inline constexpr Text participants = "SELECT address FROM participants WHERE ticket = ?1 ORDER BY position";
inline constexpr Text sender_warnings =
    "SELECT detail FROM events WHERE ticket = ?1 AND kind = 'sender_warning' ORDER BY id DESC LIMIT ?2";
inline constexpr Text count_activity =
    "SELECT count(*) FROM sender_activity WHERE sender = ?1 AND kind = ?2 AND at BETWEEN ?3 AND ?4";
inline constexpr Text thread_message_ids =
    "SELECT message_id FROM messages WHERE ticket = ?1 AND direction <> 'note' AND message_id <> '' ORDER BY id";

// Apply.
/// A ticket takes over another's conversation, and whatever that had taken over before.
inline constexpr Text move_messages = "UPDATE messages SET ticket = ?2 WHERE ticket = ?1";
inline constexpr Text redirect_merged = "UPDATE tickets SET merged_into = ?2 WHERE merged_into = ?1";
inline constexpr Text count_messages =
    "UPDATE tickets SET message_count = (SELECT count(*) FROM messages WHERE ticket = ?1) WHERE number = ?1";
inline constexpr Text block_sender =
    "INSERT INTO blocked_senders (address, at, ticket) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
inline constexpr Text unblock_sender = "DELETE FROM blocked_senders WHERE address = ?1";
inline constexpr Text insert_participant =
    "INSERT INTO participants (ticket, address, position) "
    "VALUES (?1, ?2, (SELECT count(*) FROM participants WHERE ticket = ?1)) ON CONFLICT DO NOTHING";
inline constexpr Text insert_message =
    "INSERT INTO messages (ticket, direction, at, from_name, from_address, message_id, importance, subject, text, "
    "by_stranger) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
inline constexpr Text insert_message_address =
    "INSERT INTO message_addresses (message, field, position, name, address) VALUES (?1, ?2, ?3, ?4, ?5)";
inline constexpr Text insert_attachment =
    "INSERT INTO attachments (message, part, name, media_type, size, content_id, inlined) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
inline constexpr Text insert_raw = "INSERT INTO raw_mails (message, octets) VALUES (?1, ?2)";
inline constexpr Text insert_event = "INSERT INTO events (ticket, at, actor, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
inline constexpr Text insert_outbox =
    "INSERT INTO outbox (ticket, kind, reverse_path, message_id, state, next_attempt_at, waiting_since, changed_at) "
    "VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?5, ?5)";
inline constexpr Text insert_outbox_octets = "INSERT INTO outbox_octets (outbox, octets) VALUES (?1, ?2)";
inline constexpr Text insert_recipient =
    "INSERT INTO outbox_recipients (outbox, position, address, state) VALUES (?1, ?2, ?3, ?4)";
inline constexpr Text insert_activity =
    "INSERT INTO sender_activity (sender, kind, at, ticket) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
inline constexpr Text last_message = "SELECT coalesce(max(id), 0) FROM messages";

// Reading.
inline constexpr Text list =
    "SELECT number FROM tickets WHERE status = ?1 AND (?2 IS NULL OR priority = ?2) "
    "AND (?3 IS NULL OR response_due_at < coalesce(responded_at, closed_at, ?3)) "
    "ORDER BY pressing_at, priority DESC, reported_at, number LIMIT ?4";
inline constexpr Text list_of_organization =
    "SELECT number FROM tickets INDEXED BY tickets_not_closed WHERE status <> 'closed' AND organization = ?5 "
    "AND status = ?1 AND (?2 IS NULL OR priority = ?2) "
    "AND (?3 IS NULL OR response_due_at < coalesce(responded_at, closed_at, ?3)) "
    "ORDER BY pressing_at, priority DESC, reported_at, number LIMIT ?4";
inline constexpr Text list_closed_of_organization =
    "SELECT number FROM tickets INDEXED BY tickets_closed_by_organization WHERE status = 'closed' "
    "AND organization = ?5 AND status = ?1 AND (?2 IS NULL OR priority = ?2) "
    "AND (?3 IS NULL OR response_due_at < coalesce(responded_at, closed_at, ?3)) "
    "ORDER BY pressing_at, priority DESC, reported_at, number LIMIT ?4";
inline constexpr Text list_of_assignee =
    "SELECT number FROM tickets INDEXED BY tickets_by_assignee WHERE assignee = ?6 AND assignee <> '' "
    "AND status = ?1 AND (?2 IS NULL OR priority = ?2) "
    "AND (?3 IS NULL OR response_due_at < coalesce(responded_at, closed_at, ?3)) "
    "AND (?5 = '' OR organization = ?5) ORDER BY pressing_at, priority DESC, reported_at, number LIMIT ?4";
inline constexpr Text messages =
    "SELECT id, ticket, direction, at, from_name, from_address, subject, message_id, text, importance, by_stranger, "
    "EXISTS (SELECT 1 FROM raw_mails r WHERE r.message = m.id) FROM messages m WHERE ticket = ?1 ORDER BY id";
inline constexpr Text message_addresses =
    "SELECT field, name, address FROM message_addresses WHERE message = ?1 ORDER BY field, position";
inline constexpr Text attachments =
    "SELECT id, name, media_type, size, content_id, inlined FROM attachments WHERE message = ?1 ORDER BY id";
inline constexpr Text events = "SELECT ticket, at, actor, kind, detail FROM events WHERE ticket = ?1 ORDER BY id";
inline constexpr Text raw =
    "SELECT r.octets FROM messages m JOIN raw_mails r ON r.message = m.id WHERE m.id = ?2 AND m.ticket = ?1";
inline constexpr Text attachment =
    "SELECT a.message, a.part, a.name FROM attachments a JOIN messages m ON m.id = a.message "
    "WHERE a.id = ?2 AND m.ticket = ?1";

// Transactions.
inline constexpr Text begin = "BEGIN IMMEDIATE";
inline constexpr Text commit = "COMMIT";
inline constexpr Text rollback = "ROLLBACK";
inline constexpr Text savepoint = "SAVEPOINT one_mail";
inline constexpr Text release = "RELEASE one_mail";
inline constexpr Text rollback_to = "ROLLBACK TO one_mail";

/// A statement that is missing here can't be run.
inline constexpr std::array all{&next_number,
                                &leases,
                                &write_lease,
                                &due_alarms,
                                &known_mails,
                                &tickets_of_message_id,
                                &participants,
                                &our_mail,
                                &merged_into,
                                &blocked_by,
                                &incoming_subjects,
                                &sender_warnings,
                                &count_activity,
                                &count_ticket_answers,
                                &count_answers,
                                &returned_mail,
                                &heard_since,
                                &outbox_octets,
                                &undeliverable_address,
                                &downgraded_until,
                                &count_strikes,
                                &raised_tickets,
                                &requester_of_organization,
                                &next_downgrade_end,
                                &ended_downgrades,
                                &insert_organization_event,
                                &organization_events,
                                &move_organization_events,
                                &move_strikes,
                                &forget_organization,
                                &strikes_of,
                                &organizations,
                                &unclosed_organizations,
                                &next_organization,
                                &reported_tickets,
                                &past_targets,
                                &owed_targets,
                                &insert_organization,
                                &insert_strike,
                                &set_standing,
                                &move_standing,
                                &note_downgrade_end,
                                &settle_strikes,
                                &thread_message_ids,
                                &texts_of_customer,
                                &due_tickets,
                                &next_check,
                                &scheduled_tickets,
                                &tickets_paged_after,
                                &set_check,
                                &open_incidents,
                                &incident,
                                &incidents,
                                &tickets_of_incident,
                                &insert_incident,
                                &insert_incident_update,
                                &resolve_incident,
                                &unsettled_incident,
                                &waiting_tickets,
                                &settle_incident,
                                &incidents_resolved_since,
                                &incident_updates,
                                &note_incident_change,
                                &status_page,
                                &note_page_written,
                                &note_page_failed,
                                &insert_digest_entry,
                                &due_digest_entries,
                                &next_digest,
                                &delete_digest_entry,
                                &bring_digests_forward,
                                &insert_news,
                                &forget_news,
                                &count_news_of_sender,
                                &count_news_of_organization,
                                &count_news,
                                &insert_ticket,
                                &update_ticket,
                                &move_messages,
                                &redirect_merged,
                                &count_messages,
                                &block_sender,
                                &unblock_sender,
                                &insert_undeliverable,
                                &delete_undeliverable,
                                &note_return,
                                &suppress_outbox,
                                &count_answer,
                                &insert_participant,
                                &insert_message,
                                &insert_message_address,
                                &insert_attachment,
                                &insert_raw,
                                &insert_event,
                                &insert_outbox,
                                &insert_outbox_octets,
                                &insert_recipient,
                                &insert_mail_id,
                                &insert_fresh_key,
                                &count_fresh_keys,
                                &end_of_fresh_piece,
                                &merge_fresh_keys,
                                &drop_fresh_keys,
                                &has_fresh_key,
                                &data_version,
                                &key_filter,
                                &start_of_key_filter,
                                &next_key_filter,
                                &write_key_filter,
                                &keys_of_fresh_piece,
                                &merged_keys_between,
                                &merged_keys_up_to,
                                &insert_activity,
                                &last_message,
                                &indexed_up_to,
                                &index_messages,
                                &unindexed_messages,
                                &note_indexed,
                                &mailbox,
                                &folder_of,
                                &rename_mailbox,
                                &set_folder,
                                &open_mailbox,
                                &forget_missing,
                                &insert_missing,
                                &settle_missing,
                                &ledger_has,
                                &highest_recorded,
                                &dated_entry,
                                &insert_ledger,
                                &forget_vanished,
                                &uncount_vanished,
                                &count_ledger,
                                &advance_cursor,
                                &pending_actions,
                                &mark_action_done,
                                &note_good_poll,
                                &note_bad_poll,
                                &note_comparison,
                                &mailboxes,
                                &ledger_counts,
                                &oldest_pending,
                                &count_quarantine,
                                &missing_uids,
                                &ledger_of_mailbox,
                                &insert_quarantine,
                                &quarantine,
                                &quarantine_entry,
                                &quarantined_mail,
                                &ledger_of_quarantined,
                                &settle_quarantined,
                                &uncount_ledger,
                                &recount_ledger,
                                &delete_quarantined,
                                &alarms,
                                &forget_alarms,
                                &insert_alarm,
                                &note_stuck,
                                &stuck_tickets,
                                &sending_outbox,
                                &due_outbox,
                                &mark_sending,
                                &recipients,
                                &mark_recipient,
                                &mark_open_recipients,
                                &reopen_recipients,
                                &outbox_state,
                                &mark_result,
                                &retry_outbox,
                                &drop_outbox,
                                &bring_forward,
                                &has_old_activity,
                                &forget_activity,
                                &forget_answers,
                                &next_outbox_due,
                                &outbox,
                                &unsent_outbox,
                                &latest_sent,
                                &outgoing,
                                &ticket,
                                &list,
                                &list_of_organization,
                                &list_closed_of_organization,
                                &list_of_assignee,
                                &messages,
                                &message_addresses,
                                &attachments,
                                &events,
                                &raw,
                                &old_originals,
                                &delete_original,
                                &note_removed_original,
                                &removed_original,
                                &tickets_after,
                                &attachment,
                                &search,
                                &undeliverable,
                                &blocked_senders,
                                &count_unsent,
                                &count_put_off,
                                &count_sending,
                                &next_target,
                                &count_tickets,
                                &count_overdue,
                                &count_answered_late,
                                &most_overdue,
                                &count_owed,
                                &target_counts,
                                &all_ledger_counts,
                                &extents,
                                &refresh_token,
                                &save_refresh_token,
                                &note_token_failure,
                                &forget_token_failure,
                                &token_failures,
                                &begin,
                                &commit,
                                &rollback,
                                &savepoint,
                                &release,
                                &rollback_to};

}  // namespace ticketd::sql
