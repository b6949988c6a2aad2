#include "rules/acknowledgement.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "rules/calendar.h"
#include "rules/compose.h"
#include "rules/incident_link.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

/// "10 tickets in 1 hour"
std::string in_words(const RateLimit& limit, std::string_view what) {
  return fmt::format("{} {} in {}", limit.count, what, humane_duration(limit.window));
}

/// The original of a mail that staff passed on may be one that is never answered. `From:` of staff can be forged, and
/// then this would go to whomever the forger names: what he gains is what From: of that person in a mail of his own
/// gives him, counted by the same limits of that person's, and without a word of his (may_quote_to).
std::string obstacle_of_original(const MailCase& mail) {
  if (!mail.is_for_original) return {};
  if (mail.context.blocked_by)
    return fmt::format("ticket {} of its original sender was marked as spam", shown_number(*mail.context.blocked_by));
  for (const auto& found : classify_mail(*mail.forward->original, mail.ruleset, false)) {
    if (found.mail_class == MailClass::staff || found.mail_class == MailClass::forwarded) continue;
    return fmt::format("the mail that was passed on is {} mail ({})", name_of(found.mail_class),
                       printable_line(found.evidence));
  }
  return {};
}

/// Why this mail gets no automatic answer; empty when it does.
std::string obstacle(const MailCase& mail) {
  const auto& ruleset = mail.ruleset;
  if (is_silent(mail)) return "it is older than this desk and only goes on record";
  if (mail.sender.empty()) return "the mail names no sender";
  if (const auto* found = unanswerable(mail))
    return fmt::format("it is {} mail ({})", name_of(found->mail_class), printable_line(found->evidence));
  if (is_support_address(mail.sender, ruleset)) return "it comes from the support address itself";
  if (auto why = obstacle_of_original(mail); !why.empty()) return why;
  const auto& address = mail.is_for_original ? mail.customer->addr_spec : mail.email.from->addr_spec;
  if (!is_envelope_address(address)) return "the sender's address can't be written to";
  if (mail.context.undeliverable && (mail.is_for_original || mail.authentication.failed()))
    return fmt::format("mail to {} came back ({})", printable_line(mail.sender),
                       printable_line(mail.context.undeliverable->reason));
  if (mail.context.automatic_answers_to_sender >= ruleset.acknowledgements_per_sender.count)
    return fmt::format("{} has had {} already", printable_line(mail.sender),
                       in_words(ruleset.acknowledgements_per_sender, "automatic answers"));
  if (mail.context.tickets_of_sender >= ruleset.tickets_per_sender.count)
    return fmt::format("{} has opened {} already", printable_line(mail.sender),
                       in_words(ruleset.tickets_per_sender, "tickets"));
  return {};
}

std::string obstacle_in(const Candidate& about) {
  for (std::size_t i = 0; i < std::min(about.automatic_answers.size(), kAnswersPerTicket.size()); ++i)
    if (about.automatic_answers[i] >= kAnswersPerTicket[i].count)
      return fmt::format("ticket {} has had {} already", shown_number(about.ticket.number),
                         in_words(kAnswersPerTicket[i], "automatic answers"));
  return {};
}

}  // namespace

Time counted_since(const Ruleset& ruleset, Time now) {
  auto longest = std::max({ruleset.acknowledgements_per_sender.window, ruleset.tickets_per_sender.window,
                           ruleset.acknowledgements.window, ruleset.page_limit.window});
  for (const auto& limit : kAnswersPerTicket) longest = std::max(longest, limit.window);
  return now - longest;
}

Answerable judge_automatic_answer(const MailCase& mail, const Candidate* about) {
  auto why_not = obstacle(mail);
  if (why_not.empty() && about != nullptr) why_not = obstacle_in(*about);
  if (!why_not.empty()) return {false, fmt::format("No automatic answer: {}.", why_not)};
  const auto& all = mail.ruleset.acknowledgements;
  if (mail.context.automatic_answers_in_all >= all.count)
    return {false,
            fmt::format("No automatic answer: the desk has sent {} already, the most that it sends to all together.",
                        in_words(all, "automatic answers")),
            true};
  return {true, fmt::format("A person seems to have written this mail, so {} gets an automatic answer.",
                            printable_line(mail.sender))};
}

std::vector<std::string> references_of_answer(const Email& email) {
  auto references = email.references.empty() ? email.in_reply_to : email.references;
  if (!email.message_id.empty()) references.push_back(email.message_id);
  return references;
}

OutgoingMail compose_acknowledgement(const Acknowledged& acknowledged, const Ruleset& ruleset,
                                     const Templates& templates, Time now, std::string_view token) {
  const auto& ticket = acknowledged.ticket;
  const auto* incident = acknowledged.incident;
  const bool invites = acknowledged.grant.invites && incident == nullptr;
  auto values = ticket_values(ticket, ruleset, now);
  add_target_values(values, ticket, acknowledged.grant.reason, ruleset, now);
  add_size_notice(values, acknowledged.oversize);
  if (invites) add_category_values(values, ruleset);
  if (!acknowledged.may_quote) values["subject"] = kUnquotedSubject;
  if (incident != nullptr) add_incident_values(values, *incident, ruleset);
  auto text = templates.render(incident != nullptr ? "acknowledgement-incident.txt"
                               : invites           ? "acknowledgement-unlabelled.txt"
                                                   : "acknowledgement.txt",
                               values);

  MailDraft draft;
  draft.kind = OutboxKind::acknowledgement;
  draft.ticket = ticket.number;
  draft.to = {{"", acknowledged.address}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.in_reply_to = acknowledged.message_id;
  draft.references = acknowledged.references;
  draft.replies_to_mail = true;
  return compose_mail(draft, ruleset, now, token);
}

}  // namespace ticketd
