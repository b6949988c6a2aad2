#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "rules/acknowledgement.h"
#include "rules/answered_mail.h"
#include "rules/automatic_mail.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/decide.h"
#include "rules/event_log.h"
#include "rules/follow_up.h"
#include "rules/mail_case.h"
#include "rules/names.h"
#include "rules/opening.h"
#include "rules/returned_mail.h"
#include "rules/roster.h"
#include "rules/staff_mail.h"
#include "rules/staff_notice.h"
#include "rules/threading.h"
#include "rules/timers.h"

namespace ticketd {
namespace {

constexpr auto kMailClasses = name_table<MailClass>({{MailClass::auto_reply, "auto_reply"},
                                                     {MailClass::bounce, "bounce"},
                                                     {MailClass::bulk, "bulk"},
                                                     {MailClass::own_loop, "own_loop"},
                                                     {MailClass::spam, "spam"},
                                                     {MailClass::staff, "staff"},
                                                     {MailClass::forwarded, "forwarded"}});

std::string organization_in_words(const MailCase& mail) {
  if (mail.organization.empty()) return "none: the mail names no sender.";
  const bool is_ruled = mail.rule != nullptr && !mail.rule->organization.empty();
  return fmt::format("{}: {}.", printable_line(mail.organization),
                     is_ruled ? fmt::format("the rule \"{}\" says so", mail.rule->name)
                              : organization_evidence(mail.sender, mail.ruleset));
}

/// What was recognised, before anything is decided.
Decision recognised(const MailCase& mail) {
  Decision decision;
  for (const auto& found : mail.classes) {
    decision.classes.push_back(found.mail_class);
    note_reason(decision, "Class", fmt::format("{}: {}", name_of(found.mail_class), printable_line(found.evidence)));
  }
  decision.channel = mail.channel.channel;
  decision.organization = mail.organization;
  if (mail.label) decision.requested_priority = mail.label->priority;
  note_reason(decision, "Channel", fmt::format("{}: {}", channel_name(mail.channel.channel), mail.channel.reason));
  note_reason(decision, "Organization", organization_in_words(mail));
  return decision;
}

Decision ignored(Decision decision, std::string_view rule, std::string reason) {
  decision.outcome = Outcome::ignored;
  decision.acknowledgement_reason = "The mail is ignored.";
  note_reason(decision, rule, reason);
  decision.reason = std::move(reason);
  return decision;
}

/// The record of the same mail, of this mailbox when there is one; nullptr for a new mail.
const KnownMail* find_known(const MailCase& mail) {
  const auto& known = mail.context.known;
  const auto same = std::ranges::find(known, mail.arrived.mailbox, &KnownMail::mailbox);
  if (same != known.end()) return &*same;
  const auto with_ticket = std::ranges::find_if(known, [](const KnownMail& k) { return k.ticket.has_value(); });
  return with_ticket != known.end() ? &*with_ticket : known.empty() ? nullptr : &known.front();
}

Decision duplicate(const MailCase& mail, const KnownMail& known, Decision decision) {
  decision.outcome = Outcome::duplicate;
  decision.linked_ticket = known.ticket;
  const auto where = known.ticket ? fmt::format("part of ticket {}", shown_number(*known.ticket)) : "on record";
  const bool is_same_mailbox = known.mailbox == mail.arrived.mailbox;
  decision.reason = is_same_mailbox
                        ? fmt::format("The same mail is {} already.", where)
                        : fmt::format("The same mail is {} already, from the mailbox \"{}\".", where, known.mailbox);
  decision.acknowledgement_reason = "The mail has been dealt with already.";
  note_reason(decision, "Duplicates", decision.reason);
  if (!is_same_mailbox && known.ticket)
    log_event(decision, *known.ticket, mail.now, "ticketd", "duplicate_arrived",
              fmt::format("The same mail also came to the mailbox \"{}\".", mail.arrived.mailbox));
  return decision;
}

/// From: may be forged, as far as the server can tell that the admin trusts in this.
void note_authentication(const MailCase& mail, Decision& decision) {
  note_reason(decision, "Authentication",
              mail.ruleset.authserv_id.empty() ? "Not checked, for trust.authserv_id names no server."
                                               : mail.authentication.reason);
  if (!decision.ticket || !mail.authentication.failed() || has_class(mail, MailClass::bounce)) return;
  log_event(decision, decision.ticket->number, mail.now, "ticketd", "sender_unauthenticated",
            "The sender failed authentication, so the address may be forged. " + mail.authentication.reason);
}

/// What stands in the ticket's log already: said again with each mail, it is read no more.
bool was_warned(const MailCase& mail, TicketId ticket, const std::string& warning) {
  return std::ranges::any_of(mail.context.candidates, [&](const Candidate& candidate) {
    return candidate.ticket.number == ticket &&
           std::ranges::find(candidate.sender_warnings, warning) != candidate.sender_warnings.end();
  });
}

/// From, Sender, Reply-To and the sender's name disagree. A bounce has its own ways.
void note_doubt(const MailCase& mail, Decision& decision) {
  if (!decision.ticket || has_class(mail, MailClass::bounce)) return;
  for (const auto& warning : mail.doubt.warnings) {
    if (!was_warned(mail, decision.ticket->number, warning))
      log_event(decision, decision.ticket->number, mail.now, "ticketd", "sender_warning", warning);
    note_reason(decision, "Sender", warning);
  }
}

/// Did what came back from there go to staff, and not to a customer?
bool went_to_staff(const ReturnedMail& returned, std::string_view recipient, const Ruleset& ruleset) {
  if (returned.kind == OutboxKind::page || returned.kind == OutboxKind::notification ||
      returned.kind == OutboxKind::warning || returned.kind == OutboxKind::digest)
    return true;
  return find_staff(recipient, ruleset) != nullptr || is_pager(recipient, ruleset);
}

/// Staff hear of a mail to the customer that came back.
void note_bounce(const MailCase& mail, Decision& decision) {
  if (!decision.ticket || decision.returned.empty()) return;
  for (const auto& returned : mail.context.returned)
    if (returned.ticket == decision.ticket->number &&
        std::ranges::any_of(returned.recipients,
                            [&](const auto& recipient) { return !went_to_staff(returned, recipient, mail.ruleset); })) {
      decision.news = {{StaffEvent::mail_bounced, mail.email.text}};
      return;
    }
}

/// Not all of the mail could be read.
void note_losses(const MailCase& mail, Decision& decision) {
  if (!decision.ticket) return;
  const auto number = decision.ticket->number;
  if (mail.arrived.oversize) {
    decision.outcome = Outcome::oversize;
    log_event(decision, number, mail.now, "ticketd", "mail_oversize",
              fmt::format("The mail has {} octets, more than is taken; only its beginning was read. The whole of it "
                          "stays on the mail server.",
                          mail.arrived.original_size));
    decision.reason += " The mail is larger than is taken; only its beginning was read.";
  }
  if (mail.email.defects.empty()) return;
  constexpr std::ptrdiff_t kShown = 5;
  const auto& defects = mail.email.defects;
  const auto end = defects.begin() + std::min(kShown, std::ssize(defects));
  const auto list = printable_line(fmt::format("{}", fmt::join(defects.begin(), end, "; ")));
  log_event(decision, number, mail.now, "ticketd", "mail_repaired", fmt::format("The mail is malformed: {}.", list));
  note_reason(decision, "Reading", list);
}

}  // namespace

std::string_view name_of(MailClass value) { return kMailClasses.name(value); }

Decision decide_mail(const MailFacts& facts, const TicketContext& context, const Templates& templates, Time now,
                     const TokenSource& tokens) {
  const auto mail = examine(facts, context, templates, now, tokens);
  auto decision = recognised(mail);
  if (const auto* known = find_known(mail)) return duplicate(mail, *known, std::move(decision));
  if (context.is_ours && mail.email.from && is_support_address(mail.email.from->addr_spec, mail.ruleset))
    return ignored(std::move(decision), "Loop protection", "It is one of our own mails that came back.");
  if (mail.rule != nullptr && mail.rule->ignore)
    return ignored(std::move(decision), "Rules", fmt::format("The rule \"{}\" ignores such mails.", mail.rule->name));

  const auto thread = find_thread(mail);
  note_reason(decision, "Threading", thread.reason);
  note_reason(decision, "Threading", thread.hint);
  const bool is_late = comes_too_late(mail, thread);
  if (thread.standing == Standing::none && answers_no_ticket(mail))
    ask_which_ticket(mail, decision);
  else if (thread.standing == Standing::none || is_late)
    open_ticket(taken_for_original(mail), thread, is_late ? &thread.candidate->ticket : nullptr, decision);
  else if (thread.standing == Standing::staff)
    work_by_mail(mail, thread, decision);
  else
    add_follow_up(mail, thread, decision);
  note_authentication(mail, decision);
  note_doubt(mail, decision);
  note_returned_mail(mail, decision);
  welcome_back(mail, decision);
  note_losses(mail, decision);
  note_bounce(mail, decision);
  tell_staff({context.news, references_of_answer(mail.email), mail.ruleset, templates, now, tokens}, decision);
  schedule_checks(decision, mail.ruleset);
  return decision;
}

Decision decide_unreadable(const ArrivedMail& arrived, std::string reason) {
  Decision decision;
  decision.outcome = Outcome::quarantined;
  decision.channel = arrived.mailbox_channel;
  decision.acknowledgement_reason = "The mail could not be read.";
  note_reason(decision, "Reading", reason);
  decision.reason = std::move(reason);
  return decision;
}

}  // namespace ticketd
