#pragma once

#include <span>
#include <string>

#include "daemon/ctl/probe.h"
#include "daemon/ctl/table.h"
#include "parsers/email.h"
#include "rules/decide.h"
#include "store/store.h"

/// What ticketctl prints for people. Every foreign text is made printable.
namespace ticketd {

[[nodiscard]] std::string present_list(std::span<const TicketRow> rows, Time now, const TextStyle& style);
/// Whether quoted text and signatures are shown, or stand behind a line that counts them.
enum class QuotedText { folded, shown };
/// The case file: header, conversation, timeline with reasons; in the desk's time zone.
[[nodiscard]] std::string present_case(const TicketRow& row, std::span<const Message> messages,
                                       std::span<const Event> events, QuotedText quoted, const Ruleset& ruleset,
                                       Time now, const TextStyle& style);
/// One line about a ticket that was just changed.
[[nodiscard]] std::string present_change(const TicketRow& row, Time now);
[[nodiscard]] std::string present_outbox(std::span<const OutboxRow> rows, Time now, const TextStyle& style);
[[nodiscard]] std::string present_quarantine(std::span<const QuarantinedMail> mails, Time now, const TextStyle& style);
[[nodiscard]] std::string present_undeliverable(std::span<const Undeliverable> addresses, Time now,
                                                const TextStyle& style);
[[nodiscard]] std::string present_blocked(std::span<const BlockedSender> blocked, const Ruleset& ruleset, Time now,
                                          const TextStyle& style);
[[nodiscard]] std::string present_incidents(std::span<const IncidentRow> incidents, Time now, const TextStyle& style);
/// One line about an incident that was just changed.
[[nodiscard]] std::string present_incident_change(const IncidentRow& row);
[[nodiscard]] std::string present_probes(std::span<const Probe> probes, const TextStyle& style);
[[nodiscard]] std::string present_ledger(std::span<const MailboxHealth> mailboxes, std::span<const LedgerEntry> entries,
                                         Time now, const TextStyle& style);
/// What became, or would become, of a mail, with the reason of each step. `email` is nullptr when it could not be read.
[[nodiscard]] std::string present_decision(const Decision& decision, const Email* email, const TextStyle& style);

}  // namespace ticketd
