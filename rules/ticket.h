#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"
#include "parsers/time.h"
#include "rules/ruleset.h"

namespace ticketd {

/// #123 to people. 0 is no ticket.
enum class TicketId : std::int64_t {};
/// "#17": as people write it.
[[nodiscard]] std::string shown_number(TicketId number);

/// The names of all enums below are persistent and part of the JSON interface: do not change.
enum class TicketStatus { new_, open, resolved, closed };
enum class Direction { in, out, note };
enum class Outcome { new_ticket, follow_up, staff, duplicate, ignored, quarantined, oversize, vanished };
enum class OutboxKind {
  acknowledgement,
  answer,
  reply,
  update,
  resolution,
  closed,
  notification,
  page,
  warning,
  breach,
  digest,
  incident,
  admin,
  webhook  ///< no mail: a call of a webhook (rules/webhook.h)
};
/// How the category that the customer claimed counts when staff lower it (service-rules §4).
enum class LabelClaim {
  none,      ///< nothing was claimed, or what was claimed was not granted
  counts,    ///< as a strike against the organization
  unproven,  ///< not: the mail failed authentication
  settled,   ///< not again
};
enum class OutboxState { queued, sending, sent, deferred, failed, uncertain };

[[nodiscard]] std::string_view name_of(TicketStatus);
[[nodiscard]] std::string_view name_of(Direction);
[[nodiscard]] std::string_view name_of(Outcome);
[[nodiscard]] std::string_view name_of(OutboxKind);
[[nodiscard]] std::string_view name_of(OutboxState);
/// To a customer, by the program: counted by the limits of such mails.
[[nodiscard]] bool is_automatic_answer(OutboxKind);
[[nodiscard]] std::string_view name_of(LabelClaim);
/// nullopt for a name that no enumerator has.
[[nodiscard]] std::optional<TicketStatus> status_from_name(std::string_view);
[[nodiscard]] std::optional<Direction> direction_from_name(std::string_view);
[[nodiscard]] std::optional<Outcome> outcome_from_name(std::string_view);
[[nodiscard]] std::optional<OutboxKind> outbox_kind_from_name(std::string_view);
[[nodiscard]] std::optional<OutboxState> outbox_state_from_name(std::string_view);
[[nodiscard]] std::optional<LabelClaim> label_claim_from_name(std::string_view);

/// What the clock has made known of a ticket: each once, until a new target or estimate is set.
struct Notices {
  std::optional<Time> warned_at;           ///< the target came close
  std::optional<Time> breach_told_at;      ///< it passed without an answer
  std::optional<Time> paged_at;            ///< the latest page about an Urgent ticket that nobody has taken
  std::uint32_t page_repeats = 0;          ///< how often that page went out again
  std::optional<Time> estimate_passed_at;  ///< staff heard that the estimate has passed

  /// Who was paged is paged anew.
  void forget_page() {
    paged_at.reset();
    page_repeats = 0;
  }
  bool operator==(const Notices&) const = default;
};

/// When a person first answered under a category that the ticket was raised from since: lowered to there again, it has
/// its answer.
struct EarlierAnswers {
  std::optional<Time> as_normal_at, as_high_at;
  std::optional<Time> left_normal_at;  ///< when it was last raised from there: what High counts from then

  bool operator==(const EarlierAnswers&) const = default;
};

/// A ticket's whole state. `decide` returns a changed copy; `Store::apply` writes it.
struct Ticket {
  TicketId number{};
  std::string subject;  ///< of the first mail, without prefixes and tag
  TicketStatus status = TicketStatus::new_;
  Priority priority = Priority::normal;
  std::optional<Priority> requested_priority;  ///< the label asked for, whether or not it was granted
  bool labelled = false;                       ///< the customer has set a label: the invitation is used up
  LabelClaim claim = LabelClaim::none;         ///< how the category that was claimed and granted counts
  std::optional<Priority> claimed_priority;    ///< that category; later requests that were refused leave it as it is
  Channel channel = Channel::portal;
  Mailbox requester;
  std::string reply_to;  ///< where answers to the requester go (service-rules §9); an addr_spec, or empty: nowhere
  std::string organization;
  std::string assignee;                  ///< staff name; empty when nobody has it
  bool taken = false;                    ///< by a word or deed of the assignee's, since it has this category: nobody
                                         ///< need be paged about it any more
  std::optional<std::int64_t> incident;  ///< IncidentNumber of the major incident that it belongs to
  bool waits_for_incident = false;       ///< that incident is open: nobody is paged, and no answer is due
  bool clock_suspended = false;          ///< an answer is owed, but not while the ticket waits
  bool customer_spoke = false;           ///< a person of the customer's has written while it waits: it may be about
                                         ///< something else, so staff hear of it, and it is not resolved by itself
  std::optional<TicketId> merged_into;   ///< has this one's conversation now, and is itself merged into none
  Time reported_at{};                    ///< when the mail reached the mailbox
  Time clock_from{};  ///< what targets count from: reporting, or the mail that reopened or owes an update
  std::optional<Time> response_due_at;  ///< of the current clock, also once it is answered; nullopt: none runs (silent)
  std::optional<Time> warn_at;          ///< when most of the time for that is used up; nullopt: none runs
  std::optional<Time> responded_at;     ///< first answer by a person to the current clock; nullopt: still owed
  bool missed_before = false;  ///< an answer was late in this category, before a further mail started the clock
  bool owes_update = false;    ///< that clock runs for a further mail of the customer: PriorityRule::update
  EarlierAnswers answered;     ///< since `clock_from`
  std::optional<Time> estimate_at;
  std::optional<Time> resolved_at;
  std::optional<Time> closed_at;
  std::string no_page_reason;    ///< why nobody may be paged for it, as a sentence; empty when it may
  Notices notices;               ///< what staff and the customer were told by the clock
  std::optional<Time> check_at;  ///< when the clock next has something to do with it (`next_check`); nullopt: nothing

  bool operator==(const Ticket&) const = default;
};

/// Neither resolved nor closed.
[[nodiscard]] bool is_at_work(const Ticket& ticket);
/// Somebody still has to answer the customer within a target. A closed ticket owes nothing.
[[nodiscard]] bool owes_response(const Ticket& ticket);
/// It waits for an incident, and the customer has not said since that he minds: nobody is paged for it.
[[nodiscard]] bool waits_in_silence(const Ticket& ticket);
/// The target was missed: answered too late, or neither answered nor closed in time.
[[nodiscard]] bool is_breached(const Ticket& ticket, Time now);

/// One piece of the conversation. `id` is the store's; 0 before it is written.
struct Message {
  std::int64_t id = 0;
  TicketId ticket{};
  Direction direction = Direction::in;
  Time at{};
  Mailbox from;
  std::vector<Mailbox> to, cc;
  std::string subject;
  std::string message_id;
  std::string text;
  std::vector<Attachment> attachments;
  bool has_raw = false;      ///< the mail's octets are kept: `ticketctl raw`
  std::string importance;    ///< the client's Importance/X-Priority: kept and shown, never a label
  bool by_stranger = false;  ///< it names one of the ticket's mails, and its sender is no participant
};

/// A row of the ticket's log; append-only. `kind` is past tense (`ticket_opened`), `detail` is a sentence that a
/// customer could be shown, `actor` is an address, a staff name, or "ticketd".
struct Event {
  TicketId ticket{};
  Time at{};
  std::string actor;
  std::string kind;
  std::string detail;
  std::string organization = {};  ///< whose standing it changes, in whose log it stands too; empty: nobody's
};

/// A mail that leaves, composed to the last octet, or as good as that. Its Message-ID never changes again.
struct OutgoingMail {
  std::int64_t id = 0;  ///< the store's; 0 before it is written
  std::optional<TicketId> ticket;
  OutboxKind kind = OutboxKind::answer;
  std::string reverse_path;             ///< RFC 5321; empty is the null reverse-path
  std::vector<std::string> recipients;  ///< addr_specs of the envelope; never empty
  std::string message_id;               ///< without angle brackets
  std::string octets;                   ///< RFC 5322, CRLF line ends, not dot-stuffed
  /// Makes the octets of a mail that has none yet, on any thread, while what it was decided with is there; empty where
  /// they are made. May throw.
  std::function<std::string()> write = {};
};

}  // namespace ticketd
