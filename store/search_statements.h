#pragma once

#include <string_view>

// The search index; part of store/statements.h.
namespace ticketd::sql {

using Text = std::string_view;

inline constexpr Text indexed_up_to = "SELECT indexed_up_to FROM search_progress WHERE id = 1";
/// One statement for many: FTS5 writes a segment of its own for each, and merges them later.
inline constexpr Text index_messages =
    "INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages WHERE id > ?1 AND "
    "id <= ?2";
/// From the first one that is not indexed on, with its octets.
inline constexpr Text unindexed_messages =
    "SELECT id, length(CAST(subject AS BLOB)) + length(CAST(text AS BLOB)) FROM messages WHERE id > ?1 ORDER BY id "
    "LIMIT ?2";
inline constexpr Text note_indexed = "UPDATE search_progress SET indexed_up_to = ?1 WHERE id = 1";
inline constexpr Text search =
    "SELECT m.ticket, snippet(message_search, -1, '', '', '…', 16) FROM message_search s JOIN messages m "
    "ON m.id = s.rowid WHERE message_search MATCH ?1 ORDER BY s.rowid DESC";

}  // namespace ticketd::sql
