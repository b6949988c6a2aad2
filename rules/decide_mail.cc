#include <fmt/format.h>

#include <algorithm>

#include "parsers/free_form_report.h"
#include "parsers/printable.h"
#include "parsers/subject.h"
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

constexpr std::size_t kReferences = 50;

/// What a report may be about, nearest first. A mail that encloses another and is no report passes it on.
std::vector<std::string> reported_ids(const Email& email, bool is_bounce) {
  if (!is_bounce) return email.report_type.empty() ? std::vector<std::string>() : email.returned_ids;
  constexpr std::size_t kMost = 10;
  auto ids = email.returned_ids;
  for (auto& id : message_ids_in_text(email.text, kMost)) ids.push_back(std::move(id));
  return ids;
}

/// What staff pass on, and what that answers: the desk may have it already.
std::vector<std::string> forwarded_ids(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset) {
  const auto forward = find_forward(email, arrived, ruleset);
  if (!forward || !forward->is_enclosed || !forward->original) return {};
  const auto& original = *forward->original;
  std::vector<std::string> ids{original.message_id};
  for (const auto* list : {&original.in_reply_to, &original.references})
    ids.insert(ids.end(), list->begin(), list->end());
  std::erase(ids, std::string());
  return ids;
}

void add_once(std::vector<std::string>& ids, const std::string& id) {
  if (ids.size() < kReferences && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
}

/// What a bounce returns: what it encloses or answers. The other mails of the thread only stand beside it.
std::vector<std::string> returned_ids_of(const Email& email, const std::vector<std::string>& reported,
                                         const std::vector<std::string>& references) {
  std::vector<std::string> ids;
  for (const auto* list : {&reported, &email.in_reply_to})
    for (const auto& id : *list) add_once(ids, id);
  return ids.empty() ? references : ids;
}

/// RFC 5322 §3.6.4: what the mail answers, nearest first, each once, and no more than a sane mail has.
std::vector<std::string> references_of(const Email& email, const std::vector<std::string>& reported) {
  std::vector<std::string> ids;
  const auto add = [&](const std::string& id) { add_once(ids, id); };
  std::ranges::for_each(email.in_reply_to, add);
  std::for_each(email.references.rbegin(), email.references.rend(), add);
  std::ranges::for_each(reported, add);  // a bounce names what it returns nowhere else
  return ids;
}

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

namespace {

/// What makes two mails the same, beside the Message-ID. Machines send the same words again without an id, and without
/// a date or with one that stands still: then the arrival counts too, or the second alarm would vanish behind the
/// first.
std::string digest_of(const Email& email, const ArrivedMail& arrived) {
  auto digest = content_digest(email, arrived.octets);
  constexpr std::chrono::hours kTrustedDate{1};
  const bool has_own_date = email.date && std::chrono::abs(*email.date - arrived.internal_date) < kTrustedDate;
  if (email.message_id.empty() && !has_own_date)
    digest += fmt::format("@{}", arrived.internal_date.time_since_epoch().count());
  return digest;
}

}  // namespace

ContextQuery lookup_for(const Email& email, const ArrivedMail& arrived, const Ruleset& ruleset, Time now) {
  ContextQuery query;
  query.mailbox = arrived.mailbox;
  query.message_id = email.message_id;
  query.content_digest = digest_of(email, arrived);
  const bool is_bounce = bounce_evidence(email, ruleset).has_value();
  auto reported = reported_ids(email, is_bounce);
  for (auto& id : forwarded_ids(email, arrived, ruleset)) reported.push_back(std::move(id));
  query.references = references_of(email, reported);
  if (is_bounce) query.returned_ids = returned_ids_of(email, reported, query.references);
  query.direct_references = std::min(email.in_reply_to.size(), query.references.size());
  if (const auto tag = find_subject_tag(email.subject, ruleset.support.subject_tag)) query.tag = TicketId{*tag};
  query.sender = requester_of(email, arrived, ruleset);
  query.organization = organization_of_mail(email, query.sender, ruleset);
  if (email.from && find_staff(email.from->addr_spec, ruleset) != nullptr) {
    constexpr std::size_t kAnswers = 3;
    query.answers = std::min(kAnswers, query.references.size());
    const auto orders = email.text_origin == TextOrigin::own ? std::string_view(email.text) : std::string_view();
    query.other = merge_target_of(orders);
    if (orders_priority(orders)) query.strikes_since = now - ruleset.abuse_window;
  }
  query.now = now;
  query.acknowledgements_since = now - ruleset.acknowledgements_per_sender.window;
  query.domain_acknowledgements_since = now - ruleset.acknowledgements_per_domain.window;
  query.tickets_since = now - ruleset.tickets_per_sender.window;
  query.is_unproven = authenticate_sender(email, ruleset).failed();
  query.news_since = now - ruleset.page_limit.window;
  query.all_acknowledgements_since = now - ruleset.acknowledgements.window;
  for (const auto& limit : kAnswersPerTicket) query.ticket_answers_since.push_back(now - limit.window);
  return query;
}

Decision decide_mail(const Email& email, const ArrivedMail& arrived, const TicketContext& context,
                     const Ruleset& ruleset, const Templates& templates, Time now, const TokenSource& tokens) {
  const auto mail = examine(email, arrived, context, ruleset, templates, now, tokens);
  auto decision = recognised(mail);
  if (const auto* known = find_known(mail)) return duplicate(mail, *known, std::move(decision));
  if (context.is_ours && email.from && is_support_address(email.from->addr_spec, ruleset))
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
  tell_staff({context.news, references_of_answer(email), ruleset, templates, now, tokens}, decision);
  schedule_checks(decision, ruleset);
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
