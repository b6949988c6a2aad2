#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/mail_facts.h"

namespace ticketd {

/// A mail with what the store knows of it, before anything is decided. Refers to the arguments of `decide_mail`.
struct MailCase : MailFacts {
  const TicketContext& context;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;

  Time reported_at{};             ///< arrival in the mailbox; never in the future, nor before first contact
  std::string clamp_reason = {};  ///< why `reported_at` is not what the server says; empty when it is
  bool is_for_original = false;   ///< `customer`, `sender` and `organization` are those of `forward->original`
};

[[nodiscard]] MailCase examine(const MailFacts& facts, const TicketContext& context, const Templates& templates,
                               Time now, const TokenSource& tokens);

/// The same mail, taken for its original sender's where staff passed one on whose sender is known.
[[nodiscard]] MailCase taken_for_original(const MailCase& mail);

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
