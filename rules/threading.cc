#include "rules/threading.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/subject.h"
#include "rules/address_key.h"
#include "rules/answered_mail.h"

namespace ticketd {
namespace {

/// Staff take part only in what they reported themselves (service-rules §9), whoever became staff since; and work on
/// that too when they answer what they were told as staff.
bool is_staff_of(const MailCase& mail, const Candidate& candidate) {
  if (find_staff(mail.sender, mail.ruleset) == nullptr) return false;
  return mail.sender != to_lower(candidate.ticket.requester.addr_spec) || answered_mail(mail) != nullptr;
}

bool takes_part(const MailCase& mail, const Candidate& candidate) {
  if (is_staff_of(mail, candidate)) return false;
  return !mail.sender.empty() && !mail.doubt.is_ambiguous &&
         std::ranges::any_of(candidate.participants,
                             [&](const auto& participant) { return is_same_address(participant, mail.sender); });
}

bool is_reference(const Candidate& candidate) { return candidate.via != Candidate::Via::tag; }

/// The sender is shown to be somebody else, or typed the address into a form.
bool may_be_forged(const MailCase& mail) { return mail.is_claimed || mail.authentication.failed(); }

/// Who names one of our mails has seen it. A customer's own ids are known to third persons, and some can be guessed:
/// they say nothing for a sender whose address may be forged.
bool is_proof(const MailCase& mail, const Candidate& candidate) {
  if (candidate.via == Candidate::Via::our_message_id) return true;
  return candidate.via == Candidate::Via::customer_message_id && !may_be_forged(mail);
}

std::string number_of(const Candidate& candidate) { return shown_number(candidate.ticket.number); }

std::string shown_sender(const MailCase& mail) {
  return mail.sender.empty() ? "an unknown sender" : printable_line(mail.sender);
}

Thread threaded(const MailCase& mail, const Candidate& candidate, Standing standing, std::string_view why) {
  return {standing,
          &candidate,
          fmt::format("The mail of {} belongs to ticket {}: {}.", shown_sender(mail), number_of(candidate), why),
          {}};
}

std::string_view strong_reason(const Candidate& candidate) {
  return candidate.via == Candidate::Via::our_message_id
             ? "it answers one of our mails, and its sender takes part in the ticket"
             : "it follows an earlier mail of the ticket, and its sender takes part in it";
}

bool is_participant(const Candidate& candidate, std::string_view address) {
  return std::ranges::any_of(candidate.participants,
                             [&](const auto& participant) { return is_same_address(participant, address); });
}

/// Is what staff pass on there? Of a mail that stands in the text the id is not known; who forwards it names it.
bool has_already(const MailCase& mail, const Candidate& candidate) {
  if (!mail.forward->is_enclosed) return candidate.via == Candidate::Via::customer_message_id;
  return std::ranges::find(candidate.message_ids, mail.forward->original->message_id) != candidate.message_ids.end();
}

/// A member of the staff who names a mail of the ticket, or passes one on.
Thread of_staff(const MailCase& mail, const Candidate& candidate) {
  const auto* original = mail.forward ? mail.forward->original.get() : nullptr;
  if (original != nullptr) {
    if (has_already(mail, candidate))
      return threaded(mail, candidate, Standing::on_file,
                      "a member of the staff passed on a mail that the ticket has already");
    if (mail.forward->is_enclosed && candidate.via == Candidate::Via::our_message_id &&
        is_participant(candidate, original->from->addr_spec))
      return threaded(mail, candidate, Standing::passed_on,
                      "a member of the staff passed on what somebody who takes part in the ticket answered to one of "
                      "our mails");
  }
  return threaded(mail, candidate, Standing::staff,
                  candidate.via == Candidate::Via::customer_message_id
                      ? "a member of the staff answers a mail of the ticket"
                      : "a member of the staff answers one of our mails");
}

/// The ticket of the customer's mail that staff answer or pass on. What somebody else wrote is no part of it.
const Candidate* answered_by_staff(const MailCase& mail) {
  if (mail.staff == nullptr) return nullptr;
  const auto* original = mail.forward ? mail.forward->original.get() : nullptr;
  const auto found = std::ranges::find_if(mail.context.candidates, [&](const Candidate& candidate) {
    return candidate.via == Candidate::Via::customer_message_id &&
           (original == nullptr || is_participant(candidate, original->from->addr_spec));
  });
  return found == mail.context.candidates.end() ? nullptr : &*found;
}

/// Somebody who names one of our mails but takes no part in the ticket.
Thread outsider(const MailCase& mail, const Candidate& candidate) {
  if (is_machine_answer(mail))
    return threaded(mail, candidate, Standing::machine, "it is an automatic answer to one of our mails");
  if (mail.staff != nullptr) return of_staff(mail, candidate);
  return threaded(mail, candidate, Standing::stranger,
                  "it names one of our mails, but its sender takes no part in the ticket");
}

/// What pointed to a ticket and was not enough. The same words whether that ticket exists or not.
std::string hint_of(const MailCase& mail) {
  const auto& candidates = mail.context.candidates;
  const auto tag = find_subject_tag(mail.email.subject, mail.ruleset.support.subject_tag);
  if (tag)
    return fmt::format(
        "The subject carries the tag of ticket {}, but nothing shows that the sender takes part in it; so this is a "
        "ticket of its own.",
        *tag);
  if (std::ranges::any_of(candidates, is_reference))
    return fmt::format(
        "The mail follows an earlier mail of ticket {}, but nothing shows that the sender takes part in it; so this is "
        "a ticket of its own.",
        number_of(candidates.front()));
  return {};
}

}  // namespace

Thread find_thread(const MailCase& mail) {
  const auto& candidates = mail.context.candidates;
  for (const auto& candidate : candidates)
    if (is_proof(mail, candidate) && takes_part(mail, candidate))
      return threaded(mail, candidate, is_machine_answer(mail) ? Standing::machine : Standing::strong,
                      strong_reason(candidate));
  for (const auto& candidate : candidates)
    if (candidate.via == Candidate::Via::our_message_id) return outsider(mail, candidate);
  if (const auto* named = named_candidate(mail)) return outsider(mail, *named);
  if (const auto* answered = answered_by_staff(mail)) return outsider(mail, *answered);
  for (const auto& candidate : candidates)
    if (candidate.via == Candidate::Via::tag && takes_part(mail, candidate) && !may_be_forged(mail))
      return threaded(mail, candidate, is_machine_answer(mail) ? Standing::machine : Standing::weak,
                      "its subject carries the ticket's tag, and its sender takes part in the ticket");
  return {Standing::none, nullptr, "The mail belongs to no ticket.", hint_of(mail)};
}

}  // namespace ticketd
