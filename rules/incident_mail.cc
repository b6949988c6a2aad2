#include "rules/incident_mail.h"

#include <utility>

#include "rules/acknowledgement.h"
#include "rules/compose.h"

namespace ticketd {
namespace {

/// Whoever forged From: is sent no words of his to others.
TemplateValues all_values(const IncidentMailing& mailing, const TemplateValues& values, const Ticket& ticket) {
  auto all = ticket_values(ticket, mailing.ruleset, mailing.now);
  if (!ticket.no_page_reason.empty()) all["subject"] = unquoted_subject();
  for (const auto& [name, value] : values) all[name] = value;
  return all;
}

Message message_of(const MailDraft& draft, const OutgoingMail& mail, const IncidentMailing& mailing) {
  Message message;
  message.ticket = *draft.ticket;
  message.direction = Direction::out;
  message.at = mailing.now;
  message.from = {"ticketd", mailing.ruleset.support.address};
  message.to = draft.to;
  message.subject = draft.subject;
  message.message_id = mail.message_id;
  message.text = draft.body;
  return message;
}

}  // namespace

void send_incident_mail(const IncidentMailing& mailing, std::string_view file, const TemplateValues& values,
                        const Ticket& ticket, Decision& decision) {
  auto text =
      mailing.templates.render(file, all_values(mailing, values, ticket), languages_of(ticket, mailing.ruleset));
  MailDraft draft;
  draft.kind = OutboxKind::incident;
  draft.ticket = ticket.number;
  draft.to = {ticket.requester};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.language = std::move(text.language);
  draft.references = mailing.context.thread_message_ids;
  if (!draft.references.empty()) draft.in_reply_to = draft.references.back();
  auto mail = compose_mail(draft, mailing.ruleset, mailing.now, mailing.tokens());
  decision.messages.push_back(message_of(draft, mail, mailing));
  decision.outgoing.push_back(std::move(mail));
}

}  // namespace ticketd
