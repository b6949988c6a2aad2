#pragma once

#include <string_view>

// What finds Message-IDs; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text known_mails =
    "SELECT m.mailbox, m.ticket FROM all_mail_keys k JOIN mail_ids m ON m.id = k.mail WHERE k.message_key = ?1 AND "
    "m.message_id = ?2 AND m.content_digest = ?3 ORDER BY m.id LIMIT 100";
/// At most one: their ids are random.
inline constexpr Text our_mail =
    "SELECT m.ticket FROM all_mail_keys k JOIN mail_ids m ON m.id = k.mail WHERE k.message_key = ?1 AND "
    "m.message_id = ?2 AND m.ours = 1 LIMIT 1";
inline constexpr Text tickets_of_message_id =
    "SELECT m.ticket FROM all_mail_keys k JOIN mail_ids m ON m.id = k.mail WHERE k.message_key = ?1 AND "
    "m.message_id = ?2 AND m.ticket IS NOT NULL AND m.ours = 0 ORDER BY m.id DESC LIMIT 10";

inline constexpr Text insert_mail_id =
    "INSERT INTO mail_ids (message_id, ours, ticket, outbox, mailbox, content_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
inline constexpr Text insert_fresh_key = "INSERT INTO fresh_mail_keys (message_key, mail) VALUES (?1, ?2)";

// Before a Message-ID is looked for: most are new.
inline constexpr Text has_fresh_key = "SELECT 1 FROM fresh_mail_keys WHERE message_key = ?1 LIMIT 1";
/// Another number after another connection has written.
inline constexpr Text data_version = "PRAGMA data_version";
inline constexpr Text key_filter =
    "SELECT bits, keys FROM mail_key_filters WHERE from_key <= ?1 ORDER BY from_key DESC LIMIT 1";
inline constexpr Text start_of_key_filter = "SELECT max(from_key) FROM mail_key_filters WHERE from_key <= ?1";
inline constexpr Text next_key_filter = "SELECT min(from_key) FROM mail_key_filters WHERE from_key > ?1";
inline constexpr Text write_key_filter =
    "INSERT INTO mail_key_filters (from_key, keys, bits) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (from_key) DO UPDATE SET keys = excluded.keys, bits = excluded.bits";
inline constexpr Text keys_of_fresh_piece =
    "SELECT DISTINCT message_key FROM fresh_mail_keys WHERE message_key <= ?1 ORDER BY message_key";
inline constexpr Text merged_keys_between =
    "SELECT DISTINCT message_key FROM mail_keys WHERE message_key BETWEEN ?1 AND ?2 ORDER BY message_key";
inline constexpr Text merged_keys_up_to =
    "SELECT DISTINCT message_key FROM mail_keys WHERE message_key <= ?1 ORDER BY message_key DESC LIMIT ?2";

/// The whole of a small index: it is merged before it is a large one.
inline constexpr Text count_fresh_keys = "SELECT count(*) FROM fresh_mail_keys";
/// The last key of a piece of so many.
inline constexpr Text end_of_fresh_piece =
    "SELECT max(message_key) FROM (SELECT message_key FROM fresh_mail_keys ORDER BY message_key LIMIT ?1)";
inline constexpr Text merge_fresh_keys =
    "INSERT INTO mail_keys (message_key, mail) SELECT message_key, mail FROM fresh_mail_keys WHERE message_key <= ?1 "
    "ORDER BY message_key, mail";
inline constexpr Text drop_fresh_keys = "DELETE FROM fresh_mail_keys WHERE message_key <= ?1";

}  // namespace ticketd::sql
