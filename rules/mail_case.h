#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/authentication.h"
#include "rules/classify.h"
#include "rules/context.h"
#include "rules/decide.h"
#include "rules/forward.h"
#include "rules/sender_doubt.h"
#include "rules/subject_label.h"

namespace ticketd {

/// A mail and what the rules find in it before anything is decided. Refers to the arguments of `decide_mail`.
struct MailCase {
  const Email& email;
  const ArrivedMail& arrived;
  const TicketContext& context;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;

  const Mailbox* customer = nullptr;  ///< From, or whom a web form names, or who stands in; nullptr when there is none
  bool is_claimed = false;  ///< `customer` is what a visitor of a web form typed: nothing shows that it is true
  std::string sender;       ///< the customer's lower-case address; empty when there is none
  std::string organization;
  const MailRule* rule = nullptr;  ///< the first of the admin's rules that matches
  SenderDoubt doubt;
  const StaffMember* staff = nullptr;  ///< the sender, when staff and no other sender is named
  std::vector<Classification> classes;
  ChannelChoice channel;
  std::optional<SubjectLabel> label;
  Time reported_at{};        ///< arrival in the mailbox; never in the future, nor before first contact
  std::string clamp_reason;  ///< why `reported_at` is not what the server says; empty when it is
  SenderAuthentication authentication = {};
  std::optional<Forward> forward = {};  ///< what a member of the staff passes on with it
  bool is_for_original = false;         ///< `customer`, `sender` and `organization` are those of `forward->original`
};

[[nodiscard]] MailCase examine(const Email& email, const ArrivedMail& arrived, const TicketContext& context,
                               const Ruleset& ruleset, const Templates& templates, Time now, const TokenSource& tokens);

/// The same mail, taken for its original sender's where staff passed one on whose sender is known.
[[nodiscard]] MailCase taken_for_original(const MailCase& mail);

/// The lower-case address of whom a ticket of this mail would belong to, and which limits count; empty without one.
[[nodiscard]] std::string requester_of(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset);
/// As the admin's rule for the mail says, else as `organization_of` does; empty without a requester.
[[nodiscard]] std::string organization_of_mail(const Email& email, std::string_view requester, const Ruleset& ruleset);

[[nodiscard]] bool has_class(const MailCase& mail, MailClass mail_class);
/// A machine answered or returned a mail: such a mail never reopens and is owed nothing.
[[nodiscard]] bool is_machine_answer(const MailCase& mail);
/// The mail was written by nobody who waits for an answer: a machine, spam, ourselves. Bulk may hide a person.
[[nodiscard]] const Classification* written_by_machine(const MailCase& mail);
/// Why this mail is never answered ("Auto-Submitted: auto-replied"); nullptr when it may be.
[[nodiscard]] const Classification* unanswerable(const MailCase& mail);
/// A mail from before the first contact that only goes on record.
[[nodiscard]] bool is_silent(const MailCase& mail);

/// The mail as a piece of the conversation.
[[nodiscard]] Message message_of(const MailCase& mail, TicketId ticket, Direction direction);

/// Who caused an event: the sender, else the program.
[[nodiscard]] std::string actor_of(const MailCase& mail);

/// Whoever may be forged brings nobody into a ticket: whom he names as receivers would get all that staff answer.
[[nodiscard]] bool may_bring_others(const MailCase& mail);
/// Up to 50 lower-case addresses that take part in a ticket opened by this mail, the requester first (service-rules
/// §9).
[[nodiscard]] std::vector<std::string> participants_of(const MailCase& mail);
/// Where answers to the requester go (service-rules §9): never to the desk itself; empty when there is no such address.
[[nodiscard]] std::string reply_address(const MailCase& mail);

}  // namespace ticketd
