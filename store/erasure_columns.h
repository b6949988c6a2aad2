#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What a column holds, and so what an erasure does with it.
enum class ColumnKind {
  address,  ///< one address: the person's own becomes the mark, as a whole; nothing within it is ever looked for
  sender,   ///< an organization, or whom limits know a sender by, with a question mark in front or without: as above
  name,     ///< of whoever has the address in `beside`; else a text
  text,     ///< of anybody's words
  id,       ///< a Message-ID or Content-ID, which its sender made of what he likes: a text
  octets,   ///< a zstd frame
  fixed,    ///< states, digests, names of the configuration: nothing of any customer's
};

struct StoredColumn {
  std::string_view table, column;
  ColumnKind kind;
  std::string_view beside = {};  ///< of a name: the column of its address
};

/// Every column of text and octets of the schema.
inline constexpr std::array kStoredColumns = {
    StoredColumn{"alarms", "name", ColumnKind::fixed},
    StoredColumn{"alarms", "text", ColumnKind::text},
    StoredColumn{"attachments", "name", ColumnKind::text},
    StoredColumn{"attachments", "media_type", ColumnKind::text},
    StoredColumn{"attachments", "content_id", ColumnKind::id},
    StoredColumn{"blocked_senders", "address", ColumnKind::address},
    StoredColumn{"digest_entries", "to_name", ColumnKind::name, "to_address"},
    StoredColumn{"digest_entries", "to_address", ColumnKind::address},
    StoredColumn{"events", "actor", ColumnKind::text},
    StoredColumn{"events", "kind", ColumnKind::fixed},
    StoredColumn{"events", "detail", ColumnKind::text},
    StoredColumn{"incident_updates", "text", ColumnKind::text},
    StoredColumn{"incidents", "title", ColumnKind::text},
    StoredColumn{"incidents", "match", ColumnKind::fixed},
    StoredColumn{"incidents", "pattern", ColumnKind::text},
    StoredColumn{"ledger", "outcome", ColumnKind::fixed},
    StoredColumn{"ledger", "reason", ColumnKind::text},
    StoredColumn{"ledger", "action", ColumnKind::fixed},
    StoredColumn{"ledger_counts", "outcome", ColumnKind::fixed},
    StoredColumn{"mail_ids", "message_id", ColumnKind::id},
    StoredColumn{"mail_ids", "mailbox", ColumnKind::fixed},
    StoredColumn{"mail_ids", "content_digest", ColumnKind::fixed},
    StoredColumn{"mail_key_filters", "bits", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "mailbox", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "holder", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "token", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "place", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "tenure", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "rival", ColumnKind::fixed},
    StoredColumn{"mailbox_leases", "detail", ColumnKind::text},
    StoredColumn{"mailbox_leases", "watched", ColumnKind::fixed},
    StoredColumn{"mailboxes", "name", ColumnKind::fixed},
    StoredColumn{"mailboxes", "folder", ColumnKind::fixed},
    StoredColumn{"mailboxes", "error", ColumnKind::text},
    StoredColumn{"message_addresses", "field", ColumnKind::fixed},
    StoredColumn{"message_addresses", "name", ColumnKind::name, "address"},
    StoredColumn{"message_addresses", "address", ColumnKind::address},
    StoredColumn{"messages", "direction", ColumnKind::fixed},
    StoredColumn{"messages", "from_name", ColumnKind::name, "from_address"},
    StoredColumn{"messages", "from_address", ColumnKind::address},
    StoredColumn{"messages", "message_id", ColumnKind::id},
    StoredColumn{"messages", "importance", ColumnKind::text},
    StoredColumn{"messages", "subject", ColumnKind::text},
    StoredColumn{"messages", "text", ColumnKind::text},
    StoredColumn{"organization_events", "organization", ColumnKind::sender},
    StoredColumn{"organizations", "name", ColumnKind::sender},
    StoredColumn{"outbox", "kind", ColumnKind::fixed},
    StoredColumn{"outbox", "reverse_path", ColumnKind::address},
    StoredColumn{"outbox", "message_id", ColumnKind::id},
    StoredColumn{"outbox", "state", ColumnKind::fixed},
    StoredColumn{"outbox", "last_error", ColumnKind::text},
    StoredColumn{"outbox_octets", "octets", ColumnKind::octets},
    StoredColumn{"outbox_recipients", "address", ColumnKind::address},
    StoredColumn{"outbox_recipients", "state", ColumnKind::fixed},
    StoredColumn{"participants", "address", ColumnKind::address},
    StoredColumn{"past_targets", "organization", ColumnKind::sender},
    StoredColumn{"quarantine", "reason", ColumnKind::text},
    StoredColumn{"quarantine", "mailbox", ColumnKind::fixed},
    StoredColumn{"quarantine", "channel", ColumnKind::fixed},
    StoredColumn{"quarantine", "octets", ColumnKind::octets},
    StoredColumn{"raw_mails", "octets", ColumnKind::octets},
    StoredColumn{"refresh_tokens", "credential", ColumnKind::fixed},
    StoredColumn{"refresh_tokens", "origin", ColumnKind::fixed},
    StoredColumn{"refresh_tokens", "token", ColumnKind::fixed},
    StoredColumn{"removed_originals", "reason", ColumnKind::fixed},
    StoredColumn{"sender_activity", "sender", ColumnKind::sender},
    StoredColumn{"sender_activity", "kind", ColumnKind::fixed},
    StoredColumn{"staff_news", "sender", ColumnKind::sender},
    StoredColumn{"staff_news", "organization", ColumnKind::sender},
    StoredColumn{"status_page", "error", ColumnKind::text},
    StoredColumn{"strikes", "organization", ColumnKind::sender},
    StoredColumn{"strikes", "reason", ColumnKind::text},
    StoredColumn{"stuck_tickets", "reason", ColumnKind::text},
    StoredColumn{"target_counts", "result", ColumnKind::fixed},
    StoredColumn{"tickets", "subject", ColumnKind::text},
    StoredColumn{"tickets", "status", ColumnKind::fixed},
    StoredColumn{"tickets", "channel", ColumnKind::fixed},
    StoredColumn{"tickets", "requester_name", ColumnKind::name, "requester_address"},
    StoredColumn{"tickets", "requester_address", ColumnKind::address},
    StoredColumn{"tickets", "reply_to", ColumnKind::address},
    StoredColumn{"tickets", "organization", ColumnKind::sender},
    StoredColumn{"tickets", "assignee", ColumnKind::fixed},
    StoredColumn{"tickets", "no_page_reason", ColumnKind::text},
    StoredColumn{"tickets", "claim", ColumnKind::fixed},
    StoredColumn{"token_failures", "login", ColumnKind::fixed},
    StoredColumn{"token_failures", "error", ColumnKind::text},
    StoredColumn{"undeliverable", "address", ColumnKind::address},
    StoredColumn{"undeliverable", "reason", ColumnKind::text},
};

/// Of whose ticket the rows of a table are, as an expression.
struct TicketTable {
  std::string_view table, ticket;
};
inline constexpr std::array kTicketTables = {
    TicketTable{"attachments", "(SELECT ticket FROM messages WHERE id = attachments.message)"},
    TicketTable{"events", "ticket"},
    TicketTable{"ledger", "ticket"},
    TicketTable{"messages", "ticket"},
    TicketTable{"outbox", "ticket"},
    TicketTable{"strikes", "ticket"},
    TicketTable{"stuck_tickets", "ticket"},
    TicketTable{"tickets", "number"},
};

/// UPDATEs in their order; functions and temporary tables are those of store/erasure_statements.h.
[[nodiscard]] std::vector<std::string> name_updates();     ///< names beside the person's addresses
[[nodiscard]] std::vector<std::string> address_updates();  ///< ?1: the mark
[[nodiscard]] std::vector<std::string> text_updates();

}  // namespace ticketd
