#include "rules/acknowledgement.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/printable.h"
#include "rules/compose.h"
#include "rules/incident_link.h"
#include "rules/mail_values.h"
#include "rules/sender_key.h"
#include "rules/time_words.h"

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

/// `count` automatic answers to one sender are enough; empty when there were fewer.
std::string sender_obstacle(std::string_view sender, std::uint32_t count, const Ruleset& ruleset) {
  if (count < ruleset.acknowledgements_per_sender.count) return {};
  return fmt::format("{} has had {} already", printable_line(sender),
                     in_words(ruleset.acknowledgements_per_sender, "automatic answers"));
}

/// So many are enough for all the addresses of a domain that nobody knows: they may be one person's. Empty likewise.
std::string domain_obstacle(std::string_view sender, std::uint32_t count, const Ruleset& ruleset) {
  const auto& limit = ruleset.acknowledgements_per_domain;
  if (count < limit.count || !is_unknown_domain(sender, ruleset)) return {};
  return fmt::format("the addresses of {} have had {} already", printable_line(sender_domain_key(sender).substr(1)),
                     in_words(limit, "automatic answers"));
}

/// Why this mail gets no automatic answer; empty when it does.
std::string obstacle(const MailCase& mail) {
  const auto& ruleset = mail.ruleset;
  if (auto why = nature_obstacle(mail); !why.empty()) return why;
  if (auto why = sender_obstacle(mail.sender, mail.context.automatic_answers_to_sender, ruleset); !why.empty())
    return why;
  if (auto why = domain_obstacle(mail.sender, mail.context.automatic_answers_to_domain, ruleset); !why.empty())
    return why;
  if (mail.context.tickets_of_sender >= ruleset.tickets_per_sender.count)
    return fmt::format("{} has opened {} already", printable_line(mail.sender),
                       in_words(ruleset.tickets_per_sender, "tickets"));
  return {};
}

/// `counts`: of the windows of kAnswersPerTicket.
std::string ticket_obstacle(TicketId ticket, const std::vector<std::uint32_t>& counts) {
  for (std::size_t i = 0; i < std::min(counts.size(), kAnswersPerTicket.size()); ++i)
    if (counts[i] >= kAnswersPerTicket[i].count)
      return fmt::format("ticket {} has had {} already", shown_number(ticket),
                         in_words(kAnswersPerTicket[i], "automatic answers"));
  return {};
}

/// The limit of all together comes last: the storm is blamed for nothing else.
std::optional<Answerable> storm(std::uint64_t count, const Ruleset& ruleset) {
  const auto& all = ruleset.acknowledgements;
  if (count < all.count) return std::nullopt;
  return Answerable{
      false,
      fmt::format("No automatic answer: the desk has sent {} already, the most that it sends to all together.",
                  in_words(all, "automatic answers")),
      true};
}

/// Why the requester of a ticket can be told nothing, whatever the limits say; empty when that can be.
std::string address_obstacle(const CommandContext& context, const Ruleset& ruleset) {
  const auto& ticket = *context.ticket;
  const auto& address = ticket.requester.addr_spec;
  if (!is_envelope_address(address)) return "the requester has no address that can be written to";
  if (is_support_address(address, ruleset)) return "the requester is the support address itself";
  if (is_gateway_address(address, ruleset)) return "the requester is a gateway of text or voice messages";
  if (context.blocked_by)
    return fmt::format("ticket {} of the requester was marked as spam", shown_number(*context.blocked_by));
  if (context.undeliverable)
    return fmt::format("mail to {} came back ({})", printable_line(context.undeliverable->address),
                       printable_line(context.undeliverable->reason));
  return {};
}

MailDraft addressed_draft(const Acknowledged& acknowledged) {
  MailDraft draft;
  draft.kind = OutboxKind::acknowledgement;
  draft.ticket = acknowledged.ticket.number;
  draft.to = {{"", acknowledged.address}};
  return draft;
}

}  // namespace

std::string nature_obstacle(const MailCase& mail) {
  if (is_silent(mail)) return "it is older than this desk and only goes on record";
  if (mail.sender.empty()) return "the mail names no sender";
  if (const auto* found = unanswerable(mail))
    return fmt::format("it is {} mail ({})", name_of(found->mail_class), printable_line(found->evidence));
  if (!mail.email.from) return "its From field names no sender";
  if (is_gateway_address(mail.sender, mail.ruleset)) return "it comes from a gateway of text or voice messages";
  if (is_support_address(mail.sender, mail.ruleset)) return "it comes from the support address itself";
  if (auto why = obstacle_of_original(mail); !why.empty()) return why;
  const auto& address = mail.is_for_original ? mail.customer->addr_spec : mail.email.from->addr_spec;
  if (!is_envelope_address(address)) return "the sender's address can't be written to";
  if (mail.context.undeliverable && (mail.is_for_original || mail.authentication.failed()))
    return fmt::format("mail to {} came back ({})", printable_line(mail.sender),
                       printable_line(mail.context.undeliverable->reason));
  return {};
}

Time counted_since(const Ruleset& ruleset, Time now) {
  auto longest =
      std::max({ruleset.acknowledgements_per_sender.window, ruleset.acknowledgements_per_domain.window,
                ruleset.tickets_per_sender.window, ruleset.acknowledgements.window, ruleset.page_limit.window});
  for (const auto& limit : kAnswersPerTicket) longest = std::max(longest, limit.window);
  return now - longest;
}

Answerable judge_automatic_answer(const MailCase& mail, const Candidate* about) {
  auto why_not = obstacle(mail);
  if (why_not.empty() && about != nullptr) why_not = ticket_obstacle(about->ticket.number, about->automatic_answers);
  if (!why_not.empty()) return {false, fmt::format("No automatic answer: {}.", why_not)};
  if (auto in_storm = storm(mail.context.automatic_answers_in_all, mail.ruleset)) return *in_storm;
  return {true, fmt::format("A person seems to have written this mail, so {} gets an automatic answer.",
                            printable_line(mail.sender))};
}

Answerable judge_incident_mail(const CommandContext& context, const Ruleset& ruleset) {
  const auto& ticket = *context.ticket;
  const auto& requester = ticket.requester.addr_spec;
  auto why_not = address_obstacle(context, ruleset);
  if (why_not.empty()) why_not = sender_obstacle(requester, context.answers.to_sender, ruleset);
  if (why_not.empty()) why_not = domain_obstacle(requester, context.answers.to_domain, ruleset);
  if (why_not.empty()) why_not = ticket_obstacle(ticket.number, context.answers.in_ticket);
  if (!why_not.empty()) return {false, fmt::format("No automatic answer: {}.", why_not)};
  if (auto in_storm = storm(context.answers.in_all, ruleset)) return *in_storm;
  return {true, fmt::format("{} is told that the incident is over.", printable_line(requester))};
}

AnswerWindows answer_windows(const Ruleset& ruleset, Time now) {
  AnswerWindows windows;
  windows.to_sender_since = now - ruleset.acknowledgements_per_sender.window;
  windows.to_domain_since = now - ruleset.acknowledgements_per_domain.window;
  windows.in_all_since = now - ruleset.acknowledgements.window;
  windows.now = now;
  for (const auto& limit : kAnswersPerTicket) windows.in_ticket_since.push_back(now - limit.window);
  return windows;
}

std::vector<std::string> references_of_answer(const Email& email) {
  auto references = email.references.empty() ? email.in_reply_to : email.references;
  if (!email.message_id.empty()) references.push_back(email.message_id);
  return references;
}

OutgoingMail compose_acknowledgement(const Acknowledged& acknowledged, const Ruleset& ruleset,
                                     const Templates& templates, Time now, std::string_view token) {
  const auto& ticket = acknowledged.ticket;
  const auto& incident = acknowledged.incident;
  const bool invites = acknowledged.grant.invites && !incident;
  auto values = ticket_values(ticket, ruleset, now);
  add_target_values(values, ticket, acknowledged.grant.reason, ruleset, now);
  add_size_notice(values, acknowledged.oversize);
  if (invites) add_category_values(values, ruleset);
  if (!acknowledged.may_quote) values["subject"] = unquoted_subject();
  if (incident) add_incident_values(values, *incident, ruleset);
  auto text = templates.render(incident  ? "acknowledgement-incident.txt"
                               : invites ? "acknowledgement-unlabelled.txt"
                                         : "acknowledgement.txt",
                               values, languages_of(ticket, ruleset));

  auto draft = addressed_draft(acknowledged);
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.language = std::move(text.language);
  draft.in_reply_to = acknowledged.message_id;
  draft.references = acknowledged.references;
  draft.replies_to_mail = true;
  return compose_mail(draft, ruleset, now, token);
}

OutgoingMail prepare_acknowledgement(Acknowledged acknowledged, const Ruleset& ruleset, const Templates& templates,
                                     Time now, std::string token) {
  auto mail = address_mail(addressed_draft(acknowledged), ruleset, token);
  mail.write = [acknowledged = std::move(acknowledged), &ruleset, &templates, now, token = std::move(token)] {
    return compose_acknowledgement(acknowledged, ruleset, templates, now, token).octets;
  };
  return mail;
}

}  // namespace ticketd
