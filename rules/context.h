#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parsers/email.h"
#include "rules/incident.h"
#include "rules/organization_record.h"
#include "rules/ticket.h"

namespace ticketd {

/// A mail as it came, before it is read. `octets` are what the server sent (cut to the size limit when `oversize`).
struct ArrivedMail {
  std::string mailbox;  ///< configured name; "pipe" for `ticketctl ingest`
  Channel mailbox_channel = Channel::portal;
  Time internal_date{};               ///< IMAP INTERNALDATE (RFC 9051 §2.3.3); now for the pipe
  std::optional<Time> first_contact;  ///< when this mailbox was first seen; nullopt for the pipe
  bool backlog = false;               ///< it was there before the first contact
  bool silent = false;                ///< backlog = "silent": a ticket, and nothing else
  bool oversize = false;
  std::uint64_t original_size = 0;  ///< octets on the server
  std::string octets;
};

/// What the decision about a mail needs from the store; made by `lookup_for`, answered by `Store::load_context`.
struct ContextQuery {
  std::string mailbox;
  std::string message_id;
  std::string content_digest;           ///< with the time of arrival where neither Message-ID nor Date tell the mail
  std::vector<std::string> references;  ///< In-Reply-To and References, newest first, without repetition
  std::size_t direct_references = 0;    ///< so many of them, the first ones, are what it answers: In-Reply-To
  std::optional<TicketId> tag;          ///< the number in the subject's tag
  std::string sender;                   ///< lower-case address; empty when there is none
  std::string organization;
  Time now{};                            ///< no limit counts what lies ahead: the clock may have been set back
  Time acknowledgements_since{};         ///< start of the window of Ruleset::acknowledgements_per_sender
  Time domain_acknowledgements_since{};  ///< start of the window of Ruleset::acknowledgements_per_domain
  Time tickets_since{};
  Time all_acknowledgements_since{};       ///< start of the window of Ruleset::acknowledgements
  std::vector<Time> ticket_answers_since;  ///< starts of the windows of kAnswersPerTicket
  std::size_t answers = 0;                 ///< so many of `references` are looked up as mails that staff answer
  std::optional<TicketId> other;           ///< a second ticket that a mail of staff names
  Time news_since{};                       ///< start of the window of Ruleset::page_limit
  Time strikes_since = Time::max();        ///< Candidate::record is not asked for; else the start of abuse.window
  std::vector<std::string> returned_ids;   ///< what a bounce may return; empty for any other mail
  /// The sender failed authentication: what staff are told of such mail counts apart from what is known to be his.
  bool is_unproven = false;
};

/// An address that mail does not reach: nothing is sent there until it is cleared.
struct Undeliverable {
  std::string address;  ///< lower case
  Time since{};
  std::string reason;                   ///< what the report says
  std::int64_t outbox = 0;              ///< the mail that came back
  std::optional<TicketId> ticket = {};  ///< of that mail
};

/// A ticket that a mail may belong to.
struct Candidate {
  enum class Via { our_message_id, customer_message_id, tag };
  Via via = Via::tag;
  Ticket ticket;
  std::vector<std::string> participants;  ///< lower-case addresses, the requester first
  bool answers_us = false;                ///< it answers one of our mails directly
  std::vector<std::string> message_ids;   ///< of the ticket's mails, oldest first; for mails of staff
  std::vector<std::string> texts_of_customer =
      {};                                         ///< the latest that he wrote or was sent; bounded; for mails of staff
  std::vector<std::string> earlier_subjects;      ///< of the latest mails of participants; bounded
  std::vector<std::string> sender_warnings = {};  ///< details of the ticket's events of that kind; bounded
  /// In this ticket, since each of ContextQuery::ticket_answers_since.
  std::vector<std::uint32_t> automatic_answers = {};
  std::optional<Undeliverable> undeliverable = {};  ///< Ticket::reply_to; for mails of staff
  std::optional<Time> downgraded_until = {};        ///< Ticket::organization
  OrganizationRecord record = {};                   ///< of Ticket::organization, by ContextQuery::strikes_since
  std::optional<TicketId> blocked_by = {};          ///< the ticket that is its requester's spam; for mails of staff
};

/// A mail already on record with the same Message-ID and content digest.
struct KnownMail {
  std::string mailbox;
  std::optional<TicketId> ticket;
};

/// A mail of ours that a bounce names.
struct ReturnedMail {
  std::int64_t outbox = 0;
  OutboxKind kind = OutboxKind::answer;
  std::optional<TicketId> ticket;
  std::vector<std::string> recipients;       ///< lower case
  std::vector<std::string> heard_from = {};  ///< who has written in its ticket since it was sent; lower case, bounded
};

/// A mail of ours that a mail of staff answers.
struct AnsweredMail {
  std::string message_id;
  std::vector<std::string> recipients;  ///< of its envelope, lower case
  std::string octets;
  OutboxKind kind = OutboxKind::notification;
  std::optional<TicketId> ticket = {};
};

/// What is counted for Ruleset::page_limit: all from `since` to `now`; nothing by default.
struct NewsWindow {
  Time since = Time::max();
  Time now = Time::min();
};

/// How often staff were told of something that customers or the clock brought, since the start of the window of
/// Ruleset::page_limit.
struct NewsCounts {
  std::uint32_t of_sender = 0;  ///< of the mail, else the ticket's requester
  std::uint32_t of_organization = 0;
  std::uint64_t in_all = 0;
};

/// From when automatic answers count towards the limits, up to `now`.
struct AnswerWindows {
  Time to_sender_since{};               ///< of Ruleset::acknowledgements_per_sender
  Time to_domain_since{};               ///< of Ruleset::acknowledgements_per_domain
  Time in_all_since{};                  ///< of Ruleset::acknowledgements
  std::vector<Time> in_ticket_since{};  ///< of kAnswersPerTicket
  Time now{};
};

/// How many automatic answers went out in each of these windows: to a ticket's requester, to his
/// domain, in all, and in the ticket.
struct AnswerCounts {
  std::uint32_t to_sender = 0;
  std::uint32_t to_domain = 0;
  std::uint64_t in_all = 0;
  std::vector<std::uint32_t> in_ticket = {};
};

/// All that `decide` knows beside the mail and the rules. Read in the same transaction that applies the decision.
struct TicketContext {
  TicketId next_number{1};
  bool is_ours = false;               ///< the mail's own Message-ID is that of a mail that ticketd wrote
  std::vector<KnownMail> known;       ///< same Message-ID and digest, any mailbox
  std::vector<Candidate> candidates;  ///< by references in the order of the query, then by tag; no ticket twice
  std::uint32_t automatic_answers_to_sender = 0;    ///< since ContextQuery::acknowledgements_since
  std::uint32_t automatic_answers_to_domain = 0;    ///< of the sender, since domain_acknowledgements_since
  std::uint32_t tickets_of_sender = 0;              ///< since ContextQuery::tickets_since
  std::optional<Time> downgraded_until;             ///< the sender's organization
  std::optional<TicketId> blocked_by = {};          ///< the ticket that staff marked as the sender's spam
  std::uint64_t automatic_answers_in_all = 0;       ///< since ContextQuery::all_acknowledgements_since
  std::vector<ReturnedMail> returned = {};          ///< of ContextQuery::returned_ids
  std::optional<Undeliverable> undeliverable = {};  ///< the sender's address
  NewsCounts news = {};
  std::vector<AnsweredMail> answered =
      {};                                ///< what a mail of staff answers, nearest first; at most ContextQuery::answers
  std::optional<Ticket> other = {};      ///< ContextQuery::other
  std::vector<Incident> incidents = {};  ///< that are open, by number
};

}  // namespace ticketd
