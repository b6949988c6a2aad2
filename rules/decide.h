#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/attached_file.h"
#include "rules/audience.h"
#include "rules/context.h"
#include "rules/ruleset.h"
#include "rules/templates.h"
#include "rules/ticket.h"

namespace ticketd {

/// Gives 128 random bits as 32 lower-case hex digits at each call; the only randomness that rules see.
using TokenSource = std::function<std::string()>;

/// What a mail was recognised as; the names are those of the JSON field `classes`.
enum class MailClass { auto_reply, bounce, bulk, own_loop, spam, staff, forwarded };
[[nodiscard]] std::string_view name_of(MailClass);

/// Whether mail of an address counts as spam from now on.
struct SenderStanding {
  std::string address;  ///< as `address_key` gives it
  bool is_blocked = false;
};

/// A mail of ours that did not arrive: what the report says.
struct ReturnNote {
  std::int64_t outbox = 0;
  std::string text;
};

/// Something that staff hear of (service-rules §5): `tell_staff` makes mails of it.
struct News {
  StaffEvent event = StaffEvent::opened;
  std::string words;                   ///< what was written or what is to be done, for the mail; may be empty
  std::uint32_t repetition = 0;        ///< StaffNews::repetition
  std::string no_page_reason = {};     ///< beside Ticket::no_page_reason
  std::optional<TicketId> about = {};  ///< one of Decision::others instead of Decision::ticket
  std::string author = {};             ///< StaffNews::author
};

/// A line of a digest: news for one of the staff that waits to be told with others.
struct DigestEntry {
  std::int64_t id = 0;  ///< the store's; 0 before it is written
  Time at{};            ///< when it is told
  Mailbox to;
  bool is_page = false;
  TicketId ticket{};
  StaffEvent event = StaffEvent::opened;
  Time since{};  ///< when it happened
};

/// Everything that follows from one mail, command or timer. `Store::apply` writes it in the caller's transaction;
/// nothing else changes a ticket.
struct Decision {
  Outcome outcome = Outcome::ignored;
  std::string reason;                ///< one sentence for the ledger
  std::vector<std::string> reasons;  ///< each step with its rule, for `explain`
  std::optional<Ticket> ticket;      ///< its state afterwards; `number == next_number` opens it
  bool opens = false;
  std::optional<Ticket> absorbed;         ///< the ticket that `ticket` takes the conversation of; its state afterwards
  std::vector<Ticket> others;             ///< further ones that change with it; their states afterwards
  std::optional<TicketId> linked_ticket;  ///< for a duplicate: the ticket that has this mail; nothing of it changes
  std::vector<Message> messages;          ///< to be added to the ticket
  bool keeps_raw = false;                 ///< messages[0] is the mail itself: its octets are kept with it
  std::vector<std::string> participants;  ///< to be added, lower case
  std::vector<Event> events;
  std::vector<OutgoingMail> outgoing;
  std::vector<News> news;              ///< of `ticket`, for staff
  std::vector<DigestEntry> digest;     ///< news that waits
  std::vector<std::int64_t> told;      ///< entries of digests that are on their way now
  bool counts_for_page_limit = false;  ///< staff were told of something that a customer or the clock brought
  std::optional<SenderStanding> sender_standing;
  std::optional<Strike> strike;
  std::optional<OrganizationStanding> organization_standing;  ///< written after `strike`
  std::string downgrade_over = {};  ///< an organization whose downgrade is over, which is told now; or empty
  std::vector<ReturnNote> returned;
  std::vector<Undeliverable> undeliverable;  ///< to be listed: no mail goes there any more
  std::vector<std::string> deliverable;      ///< to be taken off that list, lower case
  bool withheld_in_storm = false;            ///< an automatic answer was kept back by the limit of all of them together

  /// For `explain` and the JSON.
  std::vector<MailClass> classes;
  Channel channel = Channel::portal;
  std::string organization;
  std::optional<Priority> requested_priority;
  bool acknowledges = false;
  std::string acknowledgement_reason;  ///< why one is sent, or why not
};

struct MailFacts;

/// What `decide_mail` wants to know from the store about this mail.
[[nodiscard]] ContextQuery lookup_for(const MailFacts& mail, Time now);

/// What becomes of a mail (service-rules §1–4, §6, §9). Pure: the same arguments give the same decision. Octets of what
/// is sent may still be to be written (OutgoingMail::write), with the facts' ruleset and with `templates`.
[[nodiscard]] Decision decide_mail(const MailFacts& facts, const TicketContext& context, const Templates& templates,
                                   Time now, const TokenSource& tokens);

/// What becomes of octets in which no header can be read, and of a mail on which reading or deciding threw.
[[nodiscard]] Decision decide_unreadable(const ArrivedMail& arrived, std::string reason);

// Commands of staff (`ticketctl`; later by mail).
struct TakeCommand {};
struct AssignCommand {
  std::string engineer;  ///< a staff member's name, login or address
};
struct NoteCommand {
  std::string text;
};
struct PrioritizeCommand {
  Priority priority = Priority::normal;
  std::string reason;   ///< may be empty
  bool strikes = true;  ///< lowering what the customer claimed counts against the organization
};
struct EstimateCommand {
  std::string when;  ///< as parse_later_time reads it
};
struct CloseCommand {
  bool after_silence = false;  ///< because the customer wrote nothing to the resolution, not because somebody says so
};
struct ReopenCommand {};
struct MergeCommand {
  TicketId into{};
};
struct SpamCommand {};
struct ReplyCommand {
  std::string text;
  bool resolve = false;
  std::vector<OutgoingFile> files = {};
};
struct ResolveCommand {
  std::string text;  ///< empty: the template's own words
  std::vector<OutgoingFile> files = {};
};
/// Links the ticket to an open incident; without one, unlinks it.
struct IncidentCommand {
  std::optional<IncidentNumber> incident;
};
struct NewCommand {
  Mailbox from;
  std::string subject;
  std::string text;
  Channel channel = Channel::phone;
};
using StaffCommand =
    std::variant<TakeCommand, AssignCommand, NoteCommand, PrioritizeCommand, EstimateCommand, ReplyCommand,
                 ResolveCommand, CloseCommand, ReopenCommand, MergeCommand, SpamCommand, NewCommand, IncidentCommand>;

/// Who gives a command: `name` as it stands in the log; `staff` when the login is mapped to a [[staff]] member.
struct Actor {
  std::string name;
  const StaffMember* staff = nullptr;
};

/// A command that can't be carried out: why, and what to do instead.
struct Refusal {
  enum class Kind { not_permitted, unusable, no_such_ticket };
  Kind kind = Kind::unusable;
  std::string reason;
};

/// What a command needs from the store: the ticket and its thread. For NewCommand `ticket` is empty and `next_number`
/// counts.
struct CommandContext {
  TicketId next_number{1};
  std::optional<Ticket> ticket;
  std::vector<std::string> participants;        ///< lower-case addresses, the requester first
  std::vector<std::string> thread_message_ids;  ///< of the ticket's mails, oldest first: References of an answer
  std::optional<Time> downgraded_until;
  std::optional<Ticket> other = {};                 ///< MergeCommand::into
  std::optional<TicketId> blocked_by = {};          ///< the ticket that staff marked as the requester's spam
  std::optional<Undeliverable> undeliverable = {};  ///< Ticket::reply_to
  NewsCounts news = {};
  std::vector<Incident> incidents = {};  ///< that are open, by number
  OrganizationRecord record = {};        ///< of the ticket's organization; for PrioritizeCommand
  AnswerCounts answers = {};             ///< for what concerns an incident
};

[[nodiscard]] std::variant<Decision, Refusal> decide_command(const StaffCommand& command, const CommandContext& context,
                                                             const Actor& actor, const Ruleset& ruleset,
                                                             const Templates& templates, Time now,
                                                             const TokenSource& tokens);

/// What becomes of a ticket that waits for an incident which is over (service-rules §7): it is resolved, with a mail to
/// its requester alone, which counts as an automatic answer. Where no such mail can or may be sent, it is released to a
/// person; so it is with a `hindrance`, which says in a sentence why it can't be resolved.
[[nodiscard]] Decision decide_incident_over(const CommandContext& context, const Incident& incident,
                                            std::string_view hindrance, const Ruleset& ruleset,
                                            const Templates& templates, Time now, const TokenSource& tokens);

/// Staff change the standing of CommandContext::record by hand (service-rules §4). A downgrade lasts for
/// abuse.duration.
enum class OrganizationCommand { downgrade, restore };
[[nodiscard]] std::variant<Decision, Refusal> decide_organization(OrganizationCommand wanted,
                                                                  const CommandContext& context, const Actor& actor,
                                                                  const Ruleset& ruleset, const Templates& templates,
                                                                  Time now, const TokenSource& tokens);

/// The downgrade of an organization is over by itself (service-rules §4): `record.downgraded_until` is past. Strikes
/// that were counted while it lasted go on counting.
[[nodiscard]] Decision decide_downgrade_over(const OrganizationRecord& record, const Ruleset& ruleset,
                                             const Templates& templates, Time now, const TokenSource& tokens);

/// What the clock brings for a ticket that it looks at (Ticket::check_at): warnings, breaches, repeated pages, passed
/// estimates, closing. May be nothing but the time of the next look. Refused: what can't be closed.
[[nodiscard]] std::variant<Decision, Refusal> decide_timer(const CommandContext& context, const Ruleset& ruleset,
                                                           const Templates& templates, Time now,
                                                           const TokenSource& tokens);

}  // namespace ticketd
