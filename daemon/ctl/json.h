#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <vector>

#include "daemon/ctl/probe.h"
#include "parsers/email.h"
#include "rules/decide.h"
#include "store/store.h"

/// The JSON of ticketctl: the shapes that scripts rely on. Times are ISO 8601 UTC, absent values null, never missing.
namespace ticketd {

[[nodiscard]] boost::json::object ticket_json(const TicketRow& row, Time now);
[[nodiscard]] boost::json::object message_json(const Message& message);
[[nodiscard]] boost::json::object event_json(const Event& event);
/// A ticket with its conversation and its timeline.
[[nodiscard]] boost::json::object case_json(const TicketRow& row, std::span<const Message> messages,
                                            std::span<const Event> events, Time now);
[[nodiscard]] boost::json::object outbox_json(const OutboxRow& row);
[[nodiscard]] boost::json::object quarantined_json(const QuarantinedMail& mail);
[[nodiscard]] boost::json::object undeliverable_json(const Undeliverable& undeliverable);
/// An array of {address or @domain, since, ticket}; the last two are null for what the configuration says.
[[nodiscard]] boost::json::array blocked_json(std::span<const BlockedSender> blocked, const Ruleset& ruleset);
[[nodiscard]] boost::json::object incident_json(const IncidentRow& row);
[[nodiscard]] boost::json::object probe_json(const Probe& probe);
[[nodiscard]] boost::json::object ledger_json(std::span<const MailboxHealth> mailboxes,
                                              std::span<const LedgerEntry> entries);
/// `hindrances`: hindrance_texts
[[nodiscard]] boost::json::object status_json(std::span<const Problem> problems,
                                              std::span<const std::string> hindrances,
                                              std::span<const MailboxHealth> mailboxes, const DeskCounts& counts);
/// What became, or would become, of a mail. `email` is nullptr when it could not be read.
[[nodiscard]] boost::json::object decision_json(const Decision& decision, const Email* email);

}  // namespace ticketd
