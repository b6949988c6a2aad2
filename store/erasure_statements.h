#pragma once

#include <array>
#include <string_view>

// Erasing a person's data reads the whole store: these are not among sql::all, whose plans are held to indexes.
// Functions: is_his(address), is_his_sender(what limits know him by), redact(text), redact_named(text),
// redact_in_his(text), holds(frame), holds_named(frame), mail_text(frame), redacted_frame(frame), erased_frame(x),
// unquoted(text), holds_line(text), holds_subject(text); NULL where there is nothing.
namespace ticketd::sql::erasure {

/// Tables of the connection alone.
inline constexpr std::string_view scratch_tables =
    "CREATE TEMP TABLE his_tickets (number INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE known_tickets (number INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE his_messages (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE his_outgoing (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE held_originals (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE held_outgoing (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE held_quarantine (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE telling (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE quoting (id INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE changed (id INTEGER PRIMARY KEY)";

/// Who it is: run again under the lock.
inline constexpr std::array find_him = {
    "INSERT OR IGNORE INTO his_tickets SELECT number FROM tickets WHERE is_his(requester_address) IS NOT NULL",
    // Where his name is his; elsewhere the same words may be anybody's.
    "INSERT OR IGNORE INTO known_tickets SELECT number FROM his_tickets UNION "
    "SELECT ticket FROM participants WHERE is_his(address) IS NOT NULL UNION "
    "SELECT ticket FROM messages WHERE is_his(from_address) IS NOT NULL UNION "
    "SELECT m.ticket FROM message_addresses a JOIN messages m ON m.id = a.message WHERE is_his(a.address) IS NOT NULL "
    "UNION SELECT merged_into FROM tickets WHERE merged_into IS NOT NULL AND number IN (SELECT number FROM "
    "his_tickets)",
    "INSERT OR IGNORE INTO his_messages SELECT id FROM messages WHERE ticket IN (SELECT number FROM his_tickets) "
    "OR is_his(from_address) IS NOT NULL",
    "INSERT OR IGNORE INTO his_messages SELECT m.id FROM messages m WHERE m.direction = 'out' "
    "AND EXISTS (SELECT 1 FROM message_addresses a WHERE a.message = m.id AND a.field = 'to') "
    "AND NOT EXISTS (SELECT 1 FROM message_addresses a WHERE a.message = m.id AND a.field = 'to' "
    "AND is_his(a.address) IS NULL)",
    // Of a ticket that was merged into another: Message-IDs and events stay with the ticket that they came to.
    "INSERT OR IGNORE INTO his_messages SELECT m.id FROM mail_ids i JOIN tickets t ON t.number = i.ticket "
    "JOIN messages m ON m.ticket = t.merged_into AND m.message_id = i.message_id "
    "WHERE t.number IN (SELECT number FROM his_tickets) AND i.message_id NOT IN (SELECT message_id FROM mail_ids "
    "WHERE ticket IN (SELECT merged_into FROM tickets WHERE number IN (SELECT number FROM his_tickets)))",
    "INSERT OR IGNORE INTO his_messages SELECT m.id FROM tickets t JOIN events e ON e.ticket = t.number "
    "JOIN messages m ON m.ticket = t.merged_into AND m.at = e.at AND m.direction = 'note' "
    "WHERE t.number IN (SELECT number FROM his_tickets)",
    "INSERT OR IGNORE INTO his_outgoing SELECT id FROM outbox WHERE ticket IN (SELECT number FROM his_tickets)",
    "INSERT OR IGNORE INTO his_outgoing SELECT id FROM outbox o WHERE "
    "EXISTS (SELECT 1 FROM outbox_recipients r WHERE r.outbox = o.id) "
    "AND NOT EXISTS (SELECT 1 FROM outbox_recipients r WHERE r.outbox = o.id AND is_his(r.address) IS NULL)",
    // What it says of his tickets can't be told from the rest, and nobody needs it once it is sent.
    "INSERT OR IGNORE INTO his_outgoing SELECT id FROM outbox WHERE kind = 'digest' AND state = 'sent' "
    "AND EXISTS (SELECT 1 FROM his_tickets)",
};
inline constexpr std::string_view names =
    "SELECT from_name FROM messages WHERE is_his(from_address) IS NOT NULL UNION "
    "SELECT name FROM message_addresses WHERE is_his(address) IS NOT NULL UNION "
    "SELECT requester_name FROM tickets WHERE is_his(requester_address) IS NOT NULL";
/// Senders reuse ids, of others too: those stay.
inline constexpr std::string_view message_ids =
    "SELECT message_id FROM messages WHERE id IN (SELECT id FROM his_messages) UNION "
    "SELECT message_id FROM outbox WHERE id IN (SELECT id FROM his_outgoing) EXCEPT "
    "SELECT message_id FROM messages WHERE id NOT IN (SELECT id FROM his_messages) EXCEPT "
    "SELECT message_id FROM outbox WHERE id NOT IN (SELECT id FROM his_outgoing)";
/// Of everybody.
inline constexpr std::string_view addresses =
    "SELECT lower(address) FROM participants UNION SELECT lower(address) FROM message_addresses UNION "
    "SELECT lower(from_address) FROM messages UNION SELECT lower(requester_address) FROM tickets UNION "
    "SELECT lower(address) FROM outbox_recipients UNION SELECT lower(reverse_path) FROM outbox";
inline constexpr std::string_view subjects =
    "SELECT subject FROM tickets WHERE number IN (SELECT number FROM his_tickets) UNION "
    "SELECT subject FROM messages WHERE id IN (SELECT id FROM his_messages)";
inline constexpr std::string_view ticket_subjects =
    "SELECT subject FROM tickets WHERE number IN (SELECT number FROM his_tickets)";

/// Octets that hold something of his: run before the lock, and under it for what has come since, for these ids rise.
inline constexpr std::array scan_octets = {
    "INSERT OR IGNORE INTO held_originals SELECT message FROM raw_mails WHERE message > ?1 AND holds(octets) IS NOT "
    "NULL",
    "INSERT OR IGNORE INTO held_outgoing SELECT outbox FROM outbox_octets WHERE outbox > ?1 AND holds(octets) IS NOT "
    "NULL",
};
inline constexpr std::array last_octets = {"SELECT coalesce(max(message), 0) FROM raw_mails",
                                           "SELECT coalesce(max(outbox), 0) FROM outbox_octets"};
inline constexpr std::array forget_octets = {"DELETE FROM held_originals", "DELETE FROM held_outgoing"};
/// Under the lock only: ids of what is in quarantine are given out again.
inline constexpr std::array scan_under_lock = {
    "INSERT INTO held_quarantine SELECT id FROM quarantine WHERE holds(octets) IS NOT NULL",
    "INSERT OR IGNORE INTO held_originals SELECT r.message FROM messages m JOIN raw_mails r ON r.message = m.id "
    "WHERE m.ticket IN (SELECT number FROM known_tickets) AND holds_named(r.octets) IS NOT NULL",
};

/// Mails to others that wait, or are sent right now, and whose words tell of him.
inline constexpr std::array find_telling = {
    "INSERT OR IGNORE INTO telling SELECT id FROM outbox JOIN outbox_octets ON outbox = id WHERE state <> 'sent' "
    "AND dropped = 0 AND id NOT IN (SELECT id FROM his_outgoing) AND redact(mail_text(octets)) IS NOT NULL",
    "INSERT OR IGNORE INTO telling SELECT id FROM outbox JOIN outbox_octets ON outbox = id WHERE state <> 'sent' "
    "AND dropped = 0 AND ticket IN (SELECT number FROM known_tickets) AND id NOT IN (SELECT id FROM his_outgoing) "
    "AND redact_named(mail_text(octets)) IS NOT NULL",
    "INSERT OR IGNORE INTO telling SELECT id FROM outbox JOIN outbox_octets ON outbox = id WHERE state <> 'sent' "
    "AND dropped = 0 AND ticket IS NULL AND id NOT IN (SELECT id FROM his_outgoing) "
    "AND holds_subject(mail_text(octets)) IS NOT NULL",
};
/// In ticket ?1. News for staff say what he wrote without marks of quotation.
inline constexpr std::string_view find_telling_quotes =
    "INSERT OR IGNORE INTO telling SELECT id FROM outbox JOIN outbox_octets ON outbox = id WHERE ticket = ?1 "
    "AND state <> 'sent' AND dropped = 0 AND id NOT IN (SELECT id FROM his_outgoing) "
    "AND (unquoted(mail_text(octets)) IS NOT NULL OR "
    "(kind IN ('notification', 'page', 'warning', 'breach') AND holds_line(mail_text(octets)) IS NOT NULL))";

inline constexpr std::string_view under_way =
    "SELECT count(*) FROM outbox WHERE state = 'sending' "
    "AND id IN (SELECT id FROM his_outgoing UNION SELECT id FROM telling)";

/// What he wrote in tickets of others, in their order, is quoted there.
inline constexpr std::string_view shared_tickets =
    "SELECT DISTINCT ticket FROM messages WHERE id IN (SELECT id FROM his_messages) AND ticket NOT IN (SELECT number "
    "FROM "
    "his_tickets)";
/// What staff write to him has lines that stand in all their mails.
inline constexpr std::string_view texts_of_ticket =
    "SELECT text, direction <> 'out' AND id IN (SELECT id FROM his_messages) FROM messages WHERE ticket = ?1 ORDER BY "
    "id";
inline constexpr std::string_view find_quotes =
    "INSERT OR IGNORE INTO quoting SELECT id FROM messages WHERE ticket = ?1 AND id NOT IN (SELECT id FROM "
    "his_messages) "
    "AND unquoted(text) IS NOT NULL";
inline constexpr std::string_view erase_quotes =
    "UPDATE messages SET text = unquoted(text) WHERE ticket = ?1 AND id IN (SELECT id FROM quoting)";
/// All messages that change, while they are what they were: the search index has to be told so.
inline constexpr std::array begin_rewriting = {
    "PRAGMA defer_foreign_keys = ON",
    "INSERT INTO erasure_at_work (id) VALUES (1)",
    "INSERT INTO changed SELECT id FROM his_messages UNION SELECT id FROM quoting",
    "INSERT OR IGNORE INTO changed SELECT id FROM messages WHERE redact(subject) IS NOT NULL OR redact(text) IS NOT "
    "NULL",
    "INSERT OR IGNORE INTO changed SELECT id FROM messages WHERE ticket IN (SELECT number FROM known_tickets) "
    "AND (redact_named(subject) IS NOT NULL OR redact_named(text) IS NOT NULL)",
    // Their originals have the name as well.
    "INSERT OR IGNORE INTO changed SELECT message FROM attachments WHERE redact(name) IS NOT NULL UNION "
    "SELECT a.message FROM messages m JOIN attachments a ON a.message = m.id "
    "WHERE m.ticket IN (SELECT number FROM known_tickets) AND redact_named(a.name) IS NOT NULL",
    "INSERT INTO message_search (message_search, rowid, subject, text) SELECT 'delete', id, subject, text FROM "
    "messages "
    "WHERE id IN (SELECT id FROM changed) AND id <= (SELECT indexed_up_to FROM search_progress)",
};
// What is his. ?1: now.
inline constexpr std::string_view unlink_mails =
    "UPDATE mail_ids SET message_id = lower(hex(randomblob(16))) || '@erased.invalid', "
    "content_digest = CASE WHEN content_digest IS NULL THEN NULL ELSE '' END "
    "WHERE ticket IN (SELECT number FROM his_tickets) OR outbox IN (SELECT id FROM his_outgoing) OR (ours = 0 AND "
    "(message_id, ifnull((SELECT merged_into FROM tickets WHERE number = mail_ids.ticket), ticket)) IN "
    "(SELECT message_id, ticket FROM messages WHERE id IN (SELECT id FROM his_messages) AND message_id <> '' EXCEPT "
    "SELECT message_id, ticket FROM messages WHERE id NOT IN (SELECT id FROM his_messages)))";
inline constexpr std::string_view note_originals =
    "INSERT OR REPLACE INTO removed_originals (message, at, reason) SELECT message, ?1, 'erasure' FROM raw_mails "
    "WHERE message IN (SELECT id FROM changed UNION SELECT id FROM held_originals)";
inline constexpr std::string_view delete_originals =
    "DELETE FROM raw_mails WHERE message IN (SELECT id FROM changed UNION SELECT id FROM held_originals)";
/// ?1: now; ?2: who wanted it.
inline constexpr std::string_view tell_withheld =
    "INSERT INTO events (ticket, at, actor, kind, detail) SELECT ticket, ?1, ?2, 'mail_suppressed', 'A mail that "
    "waited "
    "to be sent (' || kind || ') is not sent: it tells of a person whose data was erased.' FROM outbox "
    "WHERE id IN (SELECT id FROM telling) ORDER BY id";
inline constexpr std::string_view drop_telling =
    "UPDATE outbox SET dropped = 1, next_attempt_at = NULL WHERE id IN (SELECT id FROM telling)";
/// With all news of tickets in which he wrote: quoted-printable and base64 hide what they say of him.
inline constexpr std::string_view erase_outgoing =
    "UPDATE outbox_octets SET octets = CAST(erased_frame(0) AS BLOB) WHERE outbox IN (SELECT id FROM his_outgoing "
    "UNION SELECT id FROM telling UNION "
    "SELECT h.id FROM held_outgoing h JOIN outbox o ON o.id = h.id WHERE o.state = 'sent' UNION "
    "SELECT id FROM outbox WHERE (state = 'sent' OR dropped = 1) AND ticket IN "
    "(SELECT ticket FROM messages WHERE id IN (SELECT id FROM changed)))";
inline constexpr std::string_view erase_quarantined =
    "UPDATE ledger SET quarantine = NULL, reason = '(erased)' WHERE quarantine IN (SELECT id FROM held_quarantine)";
inline constexpr std::string_view delete_quarantined =
    "DELETE FROM quarantine WHERE id IN (SELECT id FROM held_quarantine)";
/// What is no replacement of a value by another; before those.
inline constexpr std::array rewrite_his = {
    "UPDATE messages SET subject = '(erased)', text = '(erased)', "
    "message_id = CASE message_id WHEN '' THEN '' ELSE lower(hex(randomblob(16))) || '@erased.invalid' END "
    "WHERE id IN (SELECT id FROM his_messages)",
    "UPDATE attachments SET name = '(erased)', content_id = '' WHERE message IN (SELECT id FROM his_messages)",
    "UPDATE tickets SET subject = '(erased)', reply_to = requester_address WHERE number IN (SELECT number FROM "
    "his_tickets)",
    "UPDATE tickets SET reply_to = requester_address WHERE is_his(reply_to) IS NOT NULL",
    "UPDATE outbox SET message_id = lower(hex(randomblob(16))) || '@erased.invalid', last_error = '', "
    "next_attempt_at = NULL, dropped = CASE state WHEN 'sent' THEN dropped ELSE 1 END "
    "WHERE id IN (SELECT id FROM his_outgoing)",
    "UPDATE outbox_octets SET octets = CAST(redacted_frame(octets) AS BLOB) WHERE outbox IN (SELECT id FROM "
    "held_outgoing) AND redacted_frame(octets) IS NOT NULL",
    "UPDATE outbox_recipients SET state = 'barred' WHERE state = 'open' AND is_his(address) IS NOT NULL",
    "DELETE FROM participants WHERE is_his(address) IS NOT NULL",
    "DELETE FROM sender_activity WHERE is_his_sender(sender) IS NOT NULL",
    "DELETE FROM undeliverable WHERE is_his(address) IS NOT NULL",
    "DELETE FROM blocked_senders WHERE is_his(address) IS NOT NULL",
};
inline constexpr std::array end_rewriting = {
    "INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages "
    "WHERE id IN (SELECT id FROM changed) AND id <= (SELECT indexed_up_to FROM search_progress)",
    // What was deleted from the index stays in it until its segments are merged.
    "INSERT INTO message_search (message_search) VALUES ('optimize')",
    "UPDATE status_page SET changes = changes + 1",  // it shows texts of incidents, and is written anew
    "DELETE FROM erasure_at_work",
};
/// ?1: now; ?2: who wanted it; ?3: what was done.
inline constexpr std::string_view tell_tickets =
    "INSERT INTO events (ticket, at, actor, kind, detail) SELECT number, ?1, ?2, 'person_erased', "
    "'The requester''s data was erased.' || ?3 FROM his_tickets ORDER BY number";
inline constexpr std::string_view tell =
    "INSERT INTO events (ticket, at, actor, kind, detail) VALUES (NULL, ?1, ?2, 'person_erased', ?3)";

}  // namespace ticketd::sql::erasure
