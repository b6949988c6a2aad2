#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/free_form_report.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/decide.h"
#include "rules/mail_facts.h"
#include "rules/staff_mail.h"

namespace ticketd {
namespace {

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
std::vector<std::string> forwarded_ids(const std::optional<Forward>& forward) {
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

/// The lower-case address of whom a ticket of this mail would belong to, and which limits count; empty without one.
std::string requester_of(const MailFacts& mail) {
  return mail.forward && mail.forward->original ? to_lower(mail.forward->original->from->addr_spec) : mail.sender;
}

}  // namespace

ContextQuery lookup_for(const MailFacts& mail, Time now) {
  const auto& email = mail.email;
  const auto& ruleset = mail.ruleset;
  ContextQuery query;
  query.mailbox = mail.arrived.mailbox;
  query.message_id = email.message_id;
  query.content_digest = mail.content_digest;
  const bool is_bounce = has_class(mail, MailClass::bounce);
  auto reported = reported_ids(email, is_bounce);
  for (auto& id : forwarded_ids(mail.forward)) reported.push_back(std::move(id));
  query.references = references_of(email, reported);
  if (is_bounce) query.returned_ids = returned_ids_of(email, reported, query.references);
  query.direct_references = std::min(email.in_reply_to.size(), query.references.size());
  if (const auto tag = find_subject_tag(email.subject, ruleset.support.subject_tag)) query.tag = TicketId{*tag};
  query.sender = requester_of(mail);
  query.organization = organization_by(mail.rule, query.sender, ruleset);
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
  query.is_unproven = mail.authentication.failed();
  query.news_since = now - ruleset.page_limit.window;
  query.all_acknowledgements_since = now - ruleset.acknowledgements.window;
  for (const auto& limit : kAnswersPerTicket) query.ticket_answers_since.push_back(now - limit.window);
  return query;
}

}  // namespace ticketd
