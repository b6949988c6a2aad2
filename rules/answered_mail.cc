#include "rules/answered_mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/address_key.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"
#include "rules/roster.h"
#include "rules/staff_notice.h"

namespace ticketd {
namespace {

/// Of the staff, their pagers and the admins.
bool is_insider(std::string_view address, const Ruleset& ruleset) {
  return find_staff(address, ruleset) != nullptr || is_pager(address, ruleset) ||
         std::ranges::any_of(ruleset.support.admins,
                             [&](const auto& admin) { return is_same_address(admin, address); });
}

/// Staff who reported something get what customers get, too; the cut line stands only in what is told to staff.
bool tells_staff(const AnsweredMail& ours) {
  switch (ours.kind) {
    case OutboxKind::notification:
    case OutboxKind::page:
    case OutboxKind::warning:
    case OutboxKind::digest:
    case OutboxKind::admin:
      return true;
    case OutboxKind::breach:
    case OutboxKind::answer:
      return read_answered(ours).text.find(cut_line_of(ours.message_id)) != std::string::npos;
    case OutboxKind::acknowledgement:
    case OutboxKind::reply:
    case OutboxKind::update:
    case OutboxKind::resolution:
    case OutboxKind::closed:
    case OutboxKind::incident:
    case OutboxKind::webhook:
      return false;
  }
  return false;
}

bool went_to(const AnsweredMail& ours, std::string_view address) {
  return std::ranges::any_of(ours.recipients,
                             [&](const auto& recipient) { return is_same_address(recipient, address); });
}

bool is_for_staff_alone(const AnsweredMail& ours, const Ruleset& ruleset) {
  return std::ranges::all_of(ours.recipients, [&](const auto& to) { return is_insider(to, ruleset); }) &&
         tells_staff(ours);
}

}  // namespace

const AnsweredMail* answered_mail(const MailCase& mail) {
  if (mail.staff == nullptr) return nullptr;
  const auto found = std::ranges::find_if(mail.context.answered, [&](const AnsweredMail& ours) {
    return went_to(ours, mail.staff->email) && is_for_staff_alone(ours, mail.ruleset);
  });
  return found == mail.context.answered.end() ? nullptr : &*found;
}

Email read_answered(const AnsweredMail& answered) {
  auto read = parse_email(answered.octets);
  auto* email = std::get_if<Email>(&read);
  return email == nullptr ? Email() : std::move(*email);
}

const Candidate* named_candidate(const MailCase& mail) {
  const auto* answered = answered_mail(mail);
  const auto tag = find_subject_tag(mail.email.subject, mail.ruleset.support.subject_tag);
  if (answered == nullptr || answered->ticket || !tag) return nullptr;
  const auto named = fmt::format("[{}]", tag_of(TicketId{*tag}, mail.ruleset));
  if (read_answered(*answered).text.find(named) == std::string::npos) return nullptr;
  const auto found = std::ranges::find(mail.context.candidates, Candidate::Via::tag, &Candidate::via);
  return found == mail.context.candidates.end() ? nullptr : &*found;
}

bool answers_no_ticket(const MailCase& mail) {
  const auto* answered = answered_mail(mail);
  return answered != nullptr && !answered->ticket;
}

void ask_which_ticket(const MailCase& mail, Decision& decision) {
  decision.outcome = Outcome::staff;
  decision.reason = "It answers a mail of ours that is about no single ticket, and names none of that mail's.";
  decision.acknowledgement_reason = "Mail of staff is not acknowledged.";
  note_reason(decision, "Staff mail", decision.reason);
  if (!judge_automatic_answer(mail).is) return;
  const auto token = mail.tokens();
  auto text = mail.templates.render("staff-which-ticket.txt", {{"mail_subject", printable_line(mail.email.subject)},
                                                               {"tag", tag_of(TicketId{123}, mail.ruleset)},
                                                               {"cut_line", cut_line_of(token)},
                                                               {"support_name", mail.ruleset.support.name}});
  MailDraft draft;
  draft.kind = OutboxKind::answer;
  draft.to = {{mail.staff->name, mail.staff->email}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.in_reply_to = mail.email.message_id;
  draft.references = {mail.email.message_id};
  draft.replies_to_mail = true;
  decision.outgoing.push_back(compose_mail(draft, mail.ruleset, mail.now, token));
}

}  // namespace ticketd
