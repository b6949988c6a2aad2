#include "rules/opening.h"

#include <fmt/format.h>

#include "parsers/printable.h"
#include "parsers/reply_text.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/address_key.h"
#include "rules/event_log.h"
#include "rules/fairness.h"
#include "rules/grant.h"
#include "rules/incident_link.h"
#include "rules/mail_encoder.h"
#include "rules/mail_values.h"
#include "rules/relabel.h"
#include "rules/response_clock.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// What looks like a label in the subject, and why it is none; empty where nothing does. `written`: the label that
/// the mail's own subject holds, be it only the earlier ticket's.
Words why_unlabelled(const MailCase& mail, const std::optional<SubjectLabel>& written) {
  if (mail.label) return {};
  if (written) return Words::phrase("reason_label_of_before", {{"label", written->evidence}});
  const auto negated = find_negated_label(mail.email.subject, mail.ruleset);
  return negated.empty() ? Words() : Words::phrase("reason_label_negated", {{"label", negated}});
}

/// A mail that no person wrote is Normal and owed no answer, whatever its subject claims.
Grant grant_for(const MailCase& mail, const std::optional<SubjectLabel>& written) {
  if (const auto* found = written_by_machine(mail); found != nullptr && !(mail.rule != nullptr && mail.rule->priority))
    return {Priority::normal,
            Words::phrase("reason_machine",
                          {{"class", name_of(found->mail_class)}, {"evidence", printable_line(found->evidence)}}),
            false};
  return grant_priority({mail.label, mail.channel.channel, mail.organization, mail.context.downgraded_until, mail.rule,
                         mail.names_staff && !mail.is_for_original, why_unlabelled(mail, written)},
                        mail.ruleset, mail.now);
}

bool owes_answer(const MailCase& mail) { return !is_silent(mail) && written_by_machine(mail) == nullptr; }

/// What a mail reports, without its signature and what it quotes; of one that staff pass on, the original too.
struct Report {
  std::string subject;
  std::string text;
};

Report report_of(const MailCase& mail) {
  Report report{mail.email.subject, reply_text(mail.email.text, mail.email.subject)};
  if (!mail.is_for_original) return report;
  const auto& original = *mail.forward->original;
  report.subject += "\n" + original.subject;
  report.text += "\n" + reply_text(original.text, original.subject);
  return report;
}

/// Why a mail that belongs to an incident does not wait for it, but is a ticket by its own rules: whoever is owed no
/// answer waits for none, and whoever can never be told by the program that it is over, or may not be the one who would
/// be told, would wait in vain. Limits of automatic mail are no reason: a flood of reports is what an incident is for.
std::string incident_obstacle(const MailCase& mail) {
  if (!owes_answer(mail)) return "no answer is owed to it";
  if (mail.authentication.failed()) return "its sender failed authentication";
  return nature_obstacle(mail);
}

const Incident* incident_of(const MailCase& mail, Decision& decision) {
  if (mail.context.incidents.empty()) return nullptr;
  const auto report = report_of(mail);
  const auto* incident = matching_incident(mail.context.incidents, {report.subject, report.text, mail.organization});
  if (incident == nullptr) return nullptr;
  const auto obstacle = incident_obstacle(mail);
  if (obstacle.empty()) return incident;
  note_reason(decision, "Incident",
              fmt::format("It does not wait for {}, which it seems to belong to: {}.", shown_incident(incident->number),
                          obstacle));
  return nullptr;
}

Ticket ticket_of(const MailCase& mail, const Grant& grant, const Incident* incident) {
  Ticket ticket;
  ticket.number = mail.context.next_number;
  ticket.subject = header_line(base_subject(mail.email.subject, mail.ruleset.support.subject_tag));
  if (ticket.subject.empty() && mail.is_for_original)
    ticket.subject = header_line(base_subject(mail.forward->original->subject, mail.ruleset.support.subject_tag));
  ticket.priority = grant.priority;
  if (mail.label) ticket.requested_priority = mail.label->priority;
  ticket.labelled = mail.label.has_value();
  if (mail.label) note_claim(mail, ticket);
  ticket.channel = mail.channel.channel;
  if (mail.customer != nullptr) ticket.requester = *mail.customer;
  ticket.reply_to = reply_address(mail);
  ticket.organization = mail.organization;
  ticket.reported_at = ticket.clock_from = mail.reported_at;
  if (mail.authentication.failed()) ticket.no_page_reason = "The sender failed authentication.";
  if (owes_answer(mail)) set_target(ticket, mail.reported_at, mail.ruleset);
  if (incident != nullptr) wait_for_incident(ticket, incident->number, mail.reported_at);
  return ticket;
}

void log_opening(const MailCase& mail, const Ticket& ticket, const Grant& grant, Decision& decision) {
  const auto log = [&](std::string_view actor, std::string_view kind, std::string detail) {
    log_event(decision, ticket.number, mail.now, actor, kind, std::move(detail));
  };
  log(actor_of(mail), "ticket_opened",
      fmt::format("Opened by a mail to the mailbox \"{}\", channel {}: {}.", mail.arrived.mailbox,
                  channel_name(ticket.channel), mail.channel.reason));
  log("ticketd", "category_set", fmt::format("{}: {}", category_name(ticket.priority), in_english(grant.reason)));
  if (!mail.clamp_reason.empty()) log("ticketd", "reporting_time_corrected", mail.clamp_reason);
  if (const auto* found = unanswerable(mail))
    log("ticketd", "mail_classified",
        fmt::format("Recognised as {} mail: {}. {}", name_of(found->mail_class), printable_line(found->evidence),
                    owes_answer(mail) ? "No automatic answer is sent; a person may still wait for one."
                                      : "No answer is owed to it, and none is sent by itself."));
  if (mail.is_for_original)
    log("ticketd", "mail_forwarded",
        fmt::format("{} passed on a mail of {} ({}), who is the requester.", mail.staff->name,
                    printable_line(mail.sender), printable_line(mail.forward->evidence)));
  else if (mail.staff != nullptr)
    log("ticketd", "sender_is_staff",
        fmt::format("{} is staff, and no original sender was found in the mail; whom it is about has to be found by "
                    "reading it.",
                    mail.staff->name));
}

/// The ticket that the mail answers too late, or seemed to answer.
void log_relation(const MailCase& mail, const Thread& thread, const Ticket* follows, const Ticket& ticket,
                  Decision& decision) {
  if (follows == nullptr) {
    if (!thread.hint.empty()) log_event(decision, ticket.number, mail.now, "ticketd", "thread_hint", thread.hint);
    return;
  }
  const auto relation = fmt::format("Follows ticket {}, which was closed more than {} ago.",
                                    shown_number(follows->number), humane_duration(mail.ruleset.reopen_within));
  log_event(decision, ticket.number, mail.now, "ticketd", "ticket_linked", relation);
  note_reason(decision, "Threading", relation);
  log_event(decision, follows->number, mail.now, "ticketd", "ticket_linked",
            fmt::format("A late reply opened ticket {}.", shown_number(ticket.number)));
}

/// Whoever forges a sender chooses who gets the acknowledgement, too, and is to put no words of his into it.
bool may_quote_to(const MailCase& mail) {
  if (mail.is_for_original) return mail.authentication.verdict == SenderAuthentication::Verdict::passed;
  return !mail.authentication.failed();
}

void acknowledge(const MailCase& mail, const Ticket& ticket, const Grant& grant, const Incident* incident,
                 Decision& decision) {
  const auto answerable = judge_automatic_answer(mail);
  decision.acknowledges = answerable.is;
  decision.acknowledgement_reason = answerable.why;
  note_reason(decision, "Acknowledgement", answerable.why);
  log_event(decision, ticket.number, mail.now, "ticketd",
            answerable.is ? "acknowledgement_queued" : "acknowledgement_withheld", answerable.why);
  decision.withheld_in_storm = answerable.is_for_storm;
  if (!answerable.is) return;
  const auto& answered = mail.is_for_original ? *mail.forward->original : mail.email;
  Acknowledged acknowledged{ticket,
                            grant,
                            answered.from->addr_spec,
                            answered.message_id,
                            may_quote_to(mail) ? references_of_answer(answered) : std::vector<std::string>(),
                            may_quote_to(mail),
                            mail.arrived.oversize ? mail.arrived.original_size : 0,
                            incident == nullptr ? std::nullopt : std::optional(*incident)};
  decision.outgoing.push_back(
      prepare_acknowledgement(std::move(acknowledged), mail.ruleset, mail.templates, mail.now, mail.tokens()));
}

/// Who takes part and gets copies, and where answers to the requester go.
void note_people(const MailCase& mail, const Ticket& ticket, Decision& decision) {
  if (!may_bring_others(mail))
    note_reason(decision, "Participants", "Only the requester takes part, for it is not shown who sent the mail.");
  else if (decision.participants.size() > 1)
    note_reason(
        decision, "Participants",
        fmt::format("From its To and Cc {} can write to the ticket, and get {}.",
                    printable_line(fmt::format(
                        "{}", fmt::join(decision.participants.begin() + 1, decision.participants.end(), ", "))),
                    mail.ruleset.support.copy_participants ? "copies of answers"
                                                           : "no copies of answers (support.copy_participants)"));
  if (!ticket.reply_to.empty() && !is_same_address(ticket.reply_to, ticket.requester.addr_spec))
    note_reason(decision, "Answers",
                fmt::format("They go to {}, its Reply-To, which is of the same organization.",
                            printable_line(ticket.reply_to)));
}

/// Why staff do not hear of a new ticket; empty when they do.
std::string why_untold(const MailCase& mail) {
  if (is_silent(mail)) return "it is older than this desk and only goes on record";
  if (const auto* found = written_by_machine(mail);
      found != nullptr && (has_class(mail, MailClass::spam) || has_class(mail, MailClass::own_loop)))
    return fmt::format("it is {} mail ({})", name_of(found->mail_class), printable_line(found->evidence));
  return {};
}

void keep_from_staff(const MailCase& mail, TicketId ticket, const std::string& why, Decision& decision) {
  const auto untold = fmt::format("Nobody is told of it: {}.", why);
  note_reason(decision, "Staff", untold);
  if (!is_silent(mail)) log_event(decision, ticket, mail.now, "ticketd", "staff_not_told", untold);
}

}  // namespace

void open_ticket(const MailCase& opening, const Thread& thread, const Ticket* follows, Decision& decision) {
  auto mail = opening;
  if (follows != nullptr) mail.label = new_label(mail, *thread.candidate);
  decision.requested_priority = mail.label ? std::optional(mail.label->priority) : std::nullopt;
  const auto own_label = mail.is_for_original ? find_subject_label(mail.email.subject, mail.ruleset) : opening.label;
  const auto grant = grant_for(mail, own_label);
  const auto* incident = incident_of(mail, decision);
  const auto ticket = ticket_of(mail, grant, incident);
  decision.outcome = Outcome::new_ticket;
  decision.reason = fmt::format("A new ticket, {}.", shown_number(ticket.number));
  decision.opens = true;
  decision.messages = {message_of(mail, ticket.number, Direction::in)};
  decision.keeps_raw = true;
  decision.participants = participants_of(mail);
  decision.organization = mail.organization;
  if (mail.is_for_original)
    note_reason(decision, "Forwarded",
                fmt::format("{} passed it on; the requester is its original sender, {}.", mail.staff->name,
                            printable_line(mail.sender)));
  else if (mail.staff != nullptr)
    note_reason(decision, "Forwarded",
                fmt::format("No original sender was found in it, so {} is the requester.", mail.staff->name));
  note_people(mail, ticket, decision);
  note_reason(decision, "Category", fmt::format("{}: {}", category_name(ticket.priority), in_english(grant.reason)));
  note_reason(decision, "Time of reporting", mail.clamp_reason);
  note_reason(decision, "Target", target_in_words(ticket, mail.ruleset));
  log_opening(mail, ticket, grant, decision);
  log_relation(mail, thread, follows, ticket, decision);
  acknowledge(mail, ticket, grant, incident, decision);
  if (incident != nullptr)
    link_to_incident(*incident, ticket.number, mail.now, decision);
  else if (const auto untold = why_untold(mail); !untold.empty())
    keep_from_staff(mail, ticket.number, untold, decision);
  else
    decision.news.push_back({StaffEvent::opened, decision.messages.front().text});
  decision.ticket = ticket;
}

}  // namespace ticketd
