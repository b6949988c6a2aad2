#include "rules/relabel.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/calendar.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/grant.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

/// The subject without what the ticket's earlier subjects say: only a new label counts.
std::string new_part_of_subject(const MailCase& mail, const std::vector<std::string>& earlier) {
  const auto& tag = mail.ruleset.support.subject_tag;
  auto subject = base_subject(mail.email.subject, tag);
  for (const auto& line : earlier) {
    const auto base = base_subject(line, tag);
    const std::size_t at = base.empty() ? std::string::npos : subject.find(base);
    if (at != std::string::npos) subject = subject.substr(0, at) + " " + subject.substr(at + base.size());
  }
  return subject;
}

std::optional<SubjectLabel> new_label(const MailCase& mail, const Candidate& candidate) {
  auto label = find_subject_label(new_part_of_subject(mail, candidate.earlier_subjects), mail.ruleset);
  if (!label) return std::nullopt;
  const bool is_old = std::ranges::any_of(candidate.earlier_subjects, [&](const std::string& subject) {
    const auto earlier = find_subject_label(subject, mail.ruleset);
    return earlier && earlier->priority == label->priority;
  });
  return is_old ? std::nullopt : label;
}

/// Only the requester and the same organization may relabel, and not by a tag alone (service-rules §9).
std::string authority_obstacle(const MailCase& mail, const Thread& thread, const Ticket& ticket) {
  if (thread.standing != Standing::strong) return "A category can only be changed by a reply to one of our mails.";
  const bool is_own = mail.sender == to_lower(ticket.requester.addr_spec) || mail.organization == ticket.organization;
  if (!is_own) return "Only the person who reported this, or a colleague, can change its category.";
  if (const auto* found = unanswerable(mail))
    return fmt::format("A mail recognised as {} mail changes no category.", name_of(found->mail_class));
  return {};
}

/// Why the label can't be followed; empty when it can.
std::string refusal(const MailCase& mail, const Ticket& before, Priority wanted) {
  if (wanted < before.priority) return {};
  const Claim claim{{}, before.channel, before.organization, mail.context.downgraded_until, nullptr};
  if (wanted > Priority::normal)
    if (auto obstacle = label_obstacle(claim, mail.ruleset, mail.now); !obstacle.empty()) return obstacle;
  if (before.labelled && wanted > before.priority && !is_breached(before, mail.now))
    return "A request that has a category can be raised once the time to answer it has passed without an answer.";
  return {};
}

/// Lowered, the target counts from the time of reporting; raised, from now, and a new answer is owed (service-rules
/// §6).
void set_priority(const MailCase& mail, Ticket& ticket, Priority wanted) {
  const bool is_raised = wanted > ticket.priority;
  ticket.priority = wanted;
  if (is_raised) {
    ticket.response_due_at = response_due(mail.reported_at, wanted, mail.ruleset);
    ticket.responded_at.reset();
  } else if (owes_response(ticket)) {
    // A clock that started anew at a reopening is never cut short by lowering.
    const Time due = response_due(ticket.reported_at, wanted, mail.ruleset);
    ticket.response_due_at = std::max(*ticket.response_due_at, due);
  }
}

void answer(const MailCase& mail, const Ticket& ticket, std::string_view file, std::string_view reason,
            Priority requested, Decision& decision) {
  const auto answerable = judge_automatic_answer(mail);
  note_reason(decision, "Answer", answerable.why);
  if (!answerable.is) return;
  auto values = ticket_values(ticket, mail.ruleset, mail.now);
  add_target_values(values, ticket, reason, mail.ruleset, mail.now);
  values["requested"] = category_name(requested);
  auto text = mail.templates.render(file, values);
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
  if (!composed.recipients.empty()) decision.outgoing.push_back(std::move(composed));
}

void refuse(const MailCase& mail, const Ticket& ticket, Priority wanted, const std::string& why, Decision& decision) {
  log_event(decision, ticket.number, mail.now, actor_of(mail), "raise_refused",
            fmt::format("Asked for {} and was refused: {}", category_name(wanted), why));
  note_reason(decision, "Category", fmt::format("stays {}: {}", category_name(ticket.priority), why));
  answer(mail, ticket, "answer-category-kept.txt", why, wanted, decision);
}

void grant(const MailCase& mail, const SubjectLabel& label, Ticket& ticket, Decision& decision) {
  const auto old = ticket.priority;
  set_priority(mail, ticket, label.priority);
  ticket.labelled = true;
  const auto reason = fmt::format("The subject of your reply asks for it with \"{}\".", label.evidence);
  if (old == ticket.priority)
    log_event(decision, ticket.number, mail.now, actor_of(mail), "category_confirmed",
              fmt::format("The subject of a reply names {} with \"{}\".", category_name(old), label.evidence));
  else
    log_event(decision, ticket.number, mail.now, actor_of(mail), "category_changed",
              fmt::format("From {} to {}: the subject of a reply asks for it with \"{}\".", category_name(old),
                          category_name(ticket.priority), label.evidence));
  note_reason(decision, "Category", fmt::format("{}: {}", category_name(ticket.priority), reason));
  if (old != ticket.priority) answer(mail, ticket, "answer-category-changed.txt", reason, label.priority, decision);
}

}  // namespace

void apply_follow_up_label(const MailCase& mail, const Thread& thread, const Ticket& before, Ticket& ticket,
                           Decision& decision) {
  const auto label = new_label(mail, *thread.candidate);
  if (!label || is_silent(mail)) return;
  if (const auto why = authority_obstacle(mail, thread, before); !why.empty()) {
    log_event(decision, ticket.number, mail.now, actor_of(mail), "label_ignored",
              fmt::format("The subject asks for {}. {}", category_name(label->priority), why));
    note_reason(decision, "Category", fmt::format("stays {}: {}", category_name(ticket.priority), why));
    return;
  }
  ticket.requested_priority = label->priority;
  if (const auto why = refusal(mail, before, label->priority); !why.empty())
    refuse(mail, ticket, label->priority, why, decision);
  else
    grant(mail, *label, ticket, decision);
}

}  // namespace ticketd
