#pragma once

#include <string_view>

// Originals that are kept for a time only, and the order of an export; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text old_originals = "SELECT message FROM raw_mail_ages WHERE at < ?1 ORDER BY at, message LIMIT ?2";
inline constexpr Text delete_original = "DELETE FROM raw_mails WHERE message = ?1";
inline constexpr Text note_removed_original =
    "INSERT INTO removed_originals (message, at, reason) VALUES (?1, ?2, 'retention') ON CONFLICT DO NOTHING";
inline constexpr Text removed_original = "SELECT at, reason FROM removed_originals WHERE message = ?1";
inline constexpr Text tickets_after =
    "SELECT number FROM tickets WHERE number > ?1 AND reported_at >= ?2 ORDER BY number LIMIT ?3";

}  // namespace ticketd::sql
