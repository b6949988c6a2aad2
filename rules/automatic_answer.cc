#include "rules/automatic_answer.h"

#include <utility>

#include "parsers/ascii.h"
#include "rules/acknowledgement.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"

namespace ticketd {

bool answer_automatically(const MailCase& mail, const Ticket& ticket, Templates::Rendered text, Decision& decision) {
  const auto answerable = judge_automatic_answer(mail);
  note_reason(decision, "Answer", answerable.why);
  if (!answerable.is) return false;
  MailDraft draft;
  draft.kind = OutboxKind::answer;
  draft.ticket = ticket.number;
  draft.to = {{"", mail.sender == to_lower(ticket.requester.addr_spec) ? ticket.reply_to : mail.email.from->addr_spec}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.in_reply_to = mail.email.message_id;
  draft.references = references_of_answer(mail.email);
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
  const bool is_told =
      answer_automatically(mail, ticket, mail.templates.render("answer-mail-too-large.txt", values), decision);
  log_event(decision, ticket.number, mail.now, "ticketd", is_told ? "answer_queued" : "answer_withheld",
            is_told ? "The sender is told that the mail was too large."
                    : "The sender is not told that the mail was too large. " + judge_automatic_answer(mail).why);
}

}  // namespace ticketd
