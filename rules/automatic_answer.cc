#include "rules/automatic_answer.h"

#include <algorithm>
#include <utility>

#include "rules/acknowledgement.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

/// What is known of the ticket's automatic answers so far; nullptr for a ticket that this mail opens.
const Candidate* find_candidate(const MailCase& mail, TicketId ticket) {
  const auto& candidates = mail.context.candidates;
  const auto found = std::ranges::find(candidates, ticket, [](const Candidate& c) { return c.ticket.number; });
  return found == candidates.end() ? nullptr : &*found;
}

/// Reply-To where it is of the same organization (service-rules §9) and the mail answers one that we know. Where From
/// is forged, or whoever wrote it knows no more than a tag, one victim could be named by any number of senders, each
/// with limits of his own; and what a visitor has typed into a web form is no address of his.
std::string answer_address(const MailCase& mail, const Candidate* about) {
  const bool is_answer = about != nullptr && about->via != Candidate::Via::tag;
  const bool is_known = is_answer && !mail.authentication.failed() && !mail.is_claimed;
  return is_known ? reply_address(mail) : mail.email.from->addr_spec;
}

}  // namespace

bool answer_automatically(const MailCase& mail, const Ticket& ticket, std::string_view file, TemplateValues values,
                          Decision& decision) {
  const auto* about = find_candidate(mail, ticket.number);
  const auto answerable = judge_automatic_answer(mail, about);
  note_reason(decision, "Answer", answerable.why);
  decision.withheld_in_storm = decision.withheld_in_storm || answerable.is_for_storm;
  if (!answerable.is) {
    log_event(decision, ticket.number, mail.now, "ticketd", "answer_withheld", answerable.why);
    return false;
  }
  if (mail.authentication.failed()) values["subject"] = unquoted_subject();
  auto text = mail.templates.render(file, values, languages_of(ticket, mail.ruleset));
  MailDraft draft;
  draft.kind = OutboxKind::answer;
  draft.ticket = ticket.number;
  draft.to = {{"", answer_address(mail, about)}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.language = std::move(text.language);
  draft.in_reply_to = mail.email.message_id;
  if (!mail.authentication.failed()) draft.references = references_of_answer(mail.email);
  draft.replies_to_mail = true;
  auto composed = compose_mail(draft, mail.ruleset, mail.now, mail.tokens());
  if (composed.recipients.empty()) return false;
  decision.outgoing.push_back(std::move(composed));
  return true;
}

void answer_oversize(const MailCase& mail, const Ticket& ticket, Decision& decision) {
  if (!mail.arrived.oversize) return;
  auto values = ticket_values(ticket, mail.ruleset, mail.now);
  add_size_notice(values, mail.arrived.original_size);
  if (answer_automatically(mail, ticket, "answer-mail-too-large.txt", std::move(values), decision))
    log_event(decision, ticket.number, mail.now, "ticketd", "answer_queued",
              "The sender is told that the mail was too large.");
}

}  // namespace ticketd
