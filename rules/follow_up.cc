#include "rules/follow_up.h"

#include <fmt/format.h>

#include <utility>

#include "parsers/printable.h"
#include "rules/automatic_answer.h"
#include "rules/automatic_mail.h"
#include "rules/calendar.h"
#include "rules/event_log.h"
#include "rules/fairness.h"
#include "rules/relabel.h"
#include "rules/response_clock.h"

namespace ticketd {
namespace {

bool is_word_of_participant(const Thread& thread) {
  return thread.standing == Standing::strong || thread.standing == Standing::weak ||
         thread.standing == Standing::passed_on;
}

/// Automatic replies never reopen (service-rules §6), and from a no-reply address nothing else comes. Nor does spam,
/// unless it names one of the ticket's mails, which nobody can guess, and no person has said that its sender sends
/// spam.
bool may_reopen(const MailCase& mail, const Thread& thread) {
  if (takes_no_answers(mail.email) || (mail.context.blocked_by && mail.staff == nullptr)) return false;
  const auto* found = written_by_machine(mail);
  return found == nullptr || (found->mail_class == MailClass::spam && thread.standing == Standing::strong);
}

std::string hindrance_to_reopen(const MailCase& mail, const Thread& thread) {
  if (thread.standing == Standing::stranger) return "a stranger's mail reopens nothing";
  if (is_silent(mail)) return "the mail is older than this desk and only goes on record";
  if (const auto* found = written_by_machine(mail))
    return fmt::format("{} mail ({}) reopens nothing", name_of(found->mail_class), printable_line(found->evidence));
  if (mail.context.blocked_by)
    return fmt::format("ticket {} of the sender was marked as spam", shown_number(*mail.context.blocked_by));
  return takes_no_answers(mail.email) ? "from a no-reply address no customer writes"
                                      : "the mail brings no person's word";
}

std::string evidence_of(const MailCase& mail) {
  const auto* found = unanswerable(mail);
  return found == nullptr ? std::string("an automatic answer") : printable_line(found->evidence);
}

void log_standing(const MailCase& mail, const Thread& thread, TicketId ticket, Decision& decision) {
  const auto log = [&](std::string_view kind, std::string detail) {
    log_event(decision, ticket, mail.now, actor_of(mail), kind, std::move(detail));
  };
  switch (thread.standing) {
    case Standing::none:
      return;
    case Standing::strong:
    case Standing::weak:
    case Standing::passed_on:
      log("message_added", thread.reason);
      return;
    case Standing::staff:
    case Standing::on_file:
      log("note_added", thread.reason + " It is kept as a note; nothing was sent to the customer.");
      return;
    case Standing::machine:
      log(has_class(mail, MailClass::bounce) ? "bounce_received" : "automatic_reply_received",
          fmt::format("{} ({}) It changes nothing and is not answered.", thread.reason, evidence_of(mail)));
      return;
    case Standing::stranger:
      log("stranger_wrote", thread.reason + " It is added, and changes nothing else.");
      return;
  }
}

/// A reply within the time allowed opens the ticket again and starts a new response clock (service-rules §6).
void reopen(const MailCase& mail, const Candidate& candidate, Ticket& ticket, Decision& decision) {
  const auto was = name_of(ticket.status);
  lower_reopened(ticket, candidate.downgraded_until, mail.ruleset, mail.now, decision);
  restart_clock(ticket, mail.reported_at, mail.ruleset);
  const auto detail = fmt::format("The ticket was {}; the customer's reply opened it again, and {}.", was,
                                  due_in_words(ticket, mail.ruleset));
  log_event(decision, ticket.number, mail.now, actor_of(mail), "ticket_reopened", detail);
  note_reason(decision, "Reopening", detail);
}

News words_of(const MailCase& mail, const Thread& thread) {
  News news;
  news.event = thread.standing == Standing::stranger ? StaffEvent::stranger_wrote : StaffEvent::customer_wrote;
  news.words = mail.email.text;
  if (mail.staff != nullptr) news.author = mail.sender;
  return news;
}

/// Why nobody is paged for what this mail brings; empty when they may be.
std::string no_page_reason(const MailCase& mail, const Ticket& ticket) {
  if (mail.authentication.failed()) return "The sender failed authentication.";
  if (has_class(mail, MailClass::spam)) return "The mail looks like spam.";
  if (!is_at_work(ticket)) return fmt::format("The ticket is {}.", name_of(ticket.status));
  return {};
}

/// A person of the customer's has written, who waits for an answer.
bool is_word_of_person(const MailCase& mail) {
  return !is_silent(mail) && written_by_machine(mail) == nullptr && !takes_no_answers(mail.email);
}

/// Of what waits for an incident, staff hear from now on as of any other ticket: the acknowledgement asks the customer
/// to write when it is about something else.
void note_word_while_waiting(const MailCase& mail, Ticket& ticket, Decision& decision) {
  if (!ticket.waits_for_incident || !is_word_of_person(mail)) return;
  if (std::exchange(ticket.customer_spoke, true)) return;
  log_event(decision, ticket.number, mail.now, "ticketd", "customer_spoke",
            fmt::format("The customer wrote while the ticket waits for {}: a person has to see whether it belongs "
                        "there, and it is not resolved with it.",
                        shown_incident(IncidentNumber{ticket.incident.value_or(0)})));
}

/// An open ticket that has its answer owes another one where its category has a target for that (service-rules §6). A
/// machine's mail, spam, and what shows no more than a tag are owed none.
void owe_update(const MailCase& mail, const Thread& thread, Ticket& ticket, Decision& decision) {
  const bool is_owed = is_word_of_person(mail) && thread.standing != Standing::weak && !mail.context.blocked_by;
  if (!is_owed || !start_update_clock(ticket, mail.reported_at, mail.ruleset)) return;
  const auto detail = fmt::format("The customer has written again, and {}.", due_in_words(ticket, mail.ruleset));
  log_event(decision, ticket.number, mail.now, "ticketd", "update_owed", detail);
  note_reason(decision, "Target", detail);
}

/// Staff hear of every word of a person; of a reopening or another category rather than of the words that brought it,
/// and of a raise that was refused beside a reopening. Of spam they hear only where it opened the ticket again.
void add_news(const MailCase& mail, const Thread& thread, const Ticket& before, const Ticket& ticket,
              Decision& decision) {
  if (is_silent(mail) || (!is_word_of_participant(thread) && thread.standing != Standing::stranger)) return;
  const bool is_reopened = !is_at_work(before) && is_at_work(ticket);
  if (has_class(mail, MailClass::spam) && !is_reopened) return;
  if (is_reopened) {
    std::erase_if(decision.news, [](const News& news) { return news.event == StaffEvent::raised; });
    decision.news.insert(decision.news.begin(), {StaffEvent::reopened, mail.email.text});
  } else if (decision.news.empty()) {
    decision.news.push_back(words_of(mail, thread));
  }
  const auto hindrance = no_page_reason(mail, ticket);
  for (auto& news : decision.news) news.no_page_reason = hindrance;
}

/// What a reader may miss.
void note_unchanged(const MailCase& mail, const Thread& thread, const Ticket& before, const Ticket& after,
                    Decision& decision) {
  if (!is_at_work(before) && !is_at_work(after) && thread.standing != Standing::staff &&
      thread.standing != Standing::on_file)
    note_reason(decision, "Reopening",
                fmt::format("The ticket stays {}: {}.", name_of(after.status), hindrance_to_reopen(mail, thread)));
  if (mail.label && thread.standing == Standing::stranger)
    note_reason(decision, "Category",
                fmt::format("stays {}: a stranger's mail changes none.", category_name(after.priority)));
  if (!is_word_of_participant(thread)) decision.requested_priority.reset();
}

}  // namespace

bool comes_too_late(const MailCase& mail, const Thread& thread) {
  if (!is_word_of_participant(thread) || is_silent(mail) || !may_reopen(mail, thread)) return false;
  const auto& ticket = thread.candidate->ticket;
  return ticket.status == TicketStatus::closed && ticket.closed_at &&
         mail.reported_at > *ticket.closed_at + mail.ruleset.reopen_within;
}

void add_follow_up(const MailCase& mail, const Thread& thread, Decision& decision) {
  const auto& before = thread.candidate->ticket;
  auto ticket = before;
  const bool is_staff = thread.standing == Standing::staff || thread.standing == Standing::on_file;
  decision.outcome = is_staff ? Outcome::staff : Outcome::follow_up;
  decision.reason = thread.reason;
  const bool is_passed_on = thread.standing == Standing::passed_on;
  decision.messages = {message_of(is_passed_on ? taken_for_original(mail) : mail, ticket.number,
                                  is_staff ? Direction::note : Direction::in)};
  decision.messages.front().by_stranger = thread.standing == Standing::stranger;
  decision.keeps_raw = true;
  decision.acknowledgement_reason = "A follow-up is not acknowledged.";
  log_standing(mail, thread, ticket.number, decision);
  if (is_word_of_participant(thread)) {
    if (!is_at_work(ticket) && !is_silent(mail) && may_reopen(mail, thread))
      reopen(mail, *thread.candidate, ticket, decision);
    if (is_at_work(ticket)) note_word_while_waiting(mail, ticket, decision);
    if (thread.standing != Standing::passed_on) apply_follow_up_label(mail, thread, before, ticket, decision);
    answer_oversize(mail, ticket, decision);
    if (is_at_work(ticket)) owe_update(mail, thread, ticket, decision);
  }
  note_unchanged(mail, thread, before, ticket, decision);
  add_news(mail, thread, before, ticket, decision);
  decision.ticket = std::move(ticket);
}

}  // namespace ticketd
