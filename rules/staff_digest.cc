// News for staff that waited to be told with others.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"
#include "rules/roster.h"
#include "rules/staff_notice.h"
#include "rules/staff_words.h"
#include "rules/webhook.h"

namespace ticketd {
namespace {

/// What has to be told no more: somebody has seen to it since.
bool is_settled(const DueNews& news, const Ruleset& ruleset) {
  const auto& ticket = news.ticket;
  if (ticket.merged_into) return true;
  if (ticket.status == TicketStatus::closed) return !ticket.closed_at || *ticket.closed_at >= news.entry.since;
  const auto event = news.entry.event;
  const bool is_seen_to = ticket.priority == Priority::urgent ? is_taken(ticket, ruleset)
                                                              : find_staff_by_name(ticket.assignee, ruleset) != nullptr;
  const bool waits = owes_response(ticket) && ticket.status != TicketStatus::resolved;
  if (event == StaffEvent::opened) return is_seen_to || waits_in_silence(ticket);
  if (event == StaffEvent::released) return ticket.waits_for_incident || ticket.status == TicketStatus::resolved;
  if (event == StaffEvent::page_unanswered) return is_taken(ticket, ruleset) || !waits;
  return (event == StaffEvent::target_close || event == StaffEvent::breached) && !waits;
}

std::string digest_line(const DueNews& news, const Ruleset& ruleset, Time now) {
  return fmt::format("[{}] {}: {}\n    from {}\n    {}", tag_of(news.ticket.number, ruleset),
                     headline_of(news.entry.event, news.ticket.priority), in_english(shown_subject(news.ticket)),
                     shown_requester(news.ticket), state_of(news.ticket, ruleset, now));
}

/// A flood is told by its beginning and its size.
std::string digest_lines(const std::vector<const DueNews*>& entries, const Ruleset& ruleset, Time now) {
  constexpr std::size_t kNamed = 100;
  std::string lines;
  for (std::size_t i = 0; i < std::min(entries.size(), kNamed); ++i)
    lines += (lines.empty() ? "" : "\n\n") + digest_line(*entries[i], ruleset, now);
  if (entries.size() > kNamed)
    lines += fmt::format("\n\nand {} more; \"ticketctl list\" shows them all.", entries.size() - kNamed);
  return lines;
}

std::string tickets_wait(std::size_t count) {
  return count == 1 ? "1 ticket waits" : fmt::format("{} tickets wait", count);
}

/// "3 tickets wait for you: SUP-1, SUP-2, SUP-3"
std::string short_digest(std::string_view what, const std::vector<const DueNews*>& entries, const Ruleset& ruleset) {
  constexpr std::size_t kNamed = 5;
  std::string text(what);
  for (std::size_t i = 0; i < std::min(entries.size(), kNamed); ++i)
    text += fmt::format("{}{}", i == 0 ? ": " : ", ", tag_of(entries[i]->ticket.number, ruleset));
  return text + (entries.size() > kNamed ? ", …\n" : "\n");
}

/// A flood is told by its beginning here too.
OutgoingMail digest_call(const StaffMember& member, const std::vector<const DueNews*>& entries, const Ruleset& ruleset,
                         Time now, std::string_view token) {
  constexpr std::size_t kNamed = 100;
  std::vector<WebhookNews> news;
  for (std::size_t i = 0; i < std::min(entries.size(), kNamed); ++i) {
    const auto& [entry, ticket] = *entries[i];
    news.push_back({entry.event, headline_of(entry.event, ticket.priority), ticket});
  }
  return webhook_digest(member, tickets_wait(entries.size()), news, ruleset, now, token);
}

/// Is there anybody whose address it is, and not on leave?
bool is_heard_at(const std::string& address, const Ruleset& ruleset, Time now) {
  if (const auto* member = find_webhook(address, ruleset); member != nullptr) return !is_away(*member, now, ruleset);
  const auto is_its = [&](const std::string& known) { return is_same_address(known, address); };
  const bool is_of_staff = std::ranges::any_of(ruleset.staff, [&](const StaffMember& member) {
    return (is_its(member.email) || std::ranges::any_of(member.page, is_its)) && !is_away(member, now, ruleset);
  });
  return is_of_staff || std::ranges::any_of(ruleset.support.admins, is_its);
}

/// Those who would hear of it if it happened now; of them, whoever is on leave only where there is nobody else.
std::vector<Listener> hearing_now(const DueNews& news, const Ruleset& ruleset, Time now) {
  const auto& ticket = news.ticket;
  StaffNews now_heard{news.entry.event, ticket.priority, ticket.assignee, 1, ticket.no_page_reason};
  if (waits_in_silence(ticket)) now_heard.no_page_reason = "The ticket waits for an incident.";
  auto listeners = audience_of(now_heard, ruleset, now).listeners;
  const auto is_on_leave = [&](const Listener& each) { return each.member && is_away(*each.member, now, ruleset); };
  if (!std::ranges::all_of(listeners, is_on_leave)) std::erase_if(listeners, is_on_leave);
  return listeners;
}

/// The mails of one instant: whose, and about which tickets, each of them once.
class DigestMails {
 public:
  DigestMails(const Ruleset& ruleset, Time now, Decision& decision)
      : ruleset_(ruleset), now_(now), decision_(decision) {}

  /// A line goes to whom it was written for, or to who hears in his place.
  void add(const DueNews& news);
  void compose(const Templates& templates, const TokenSource& tokens);

 private:
  struct Mail {
    Mailbox to;
    bool is_page = false;
    std::vector<const DueNews*> entries;
    std::map<TicketId, std::size_t> places;  ///< of the tickets in `entries`
  };
  void add(const DueNews& news, const Mailbox& to, bool is_page);
  void pass_on(const DueNews& news, const std::vector<Listener>& listeners);

  const Ruleset& ruleset_;
  const Time now_;
  Decision& decision_;
  std::map<std::pair<std::string, bool>, Mail> mails_;
};

void DigestMails::add(const DueNews& news, const Mailbox& to, bool is_page) {
  auto& mail = mails_[{to_lower(to.addr_spec), is_page}];
  if (mail.entries.empty()) {
    mail.to = to;
    mail.is_page = is_page;
  }
  const auto [place, is_new] = mail.places.emplace(news.ticket.number, mail.entries.size());
  if (is_new) mail.entries.push_back(&news);
  mail.entries[place->second] = &news;  // what happened last
}

void DigestMails::pass_on(const DueNews& news, const std::vector<Listener>& listeners) {
  std::vector<std::string> names;
  for (const auto& listener : listeners) {
    const bool is_page = news.entry.is_page && listener.is_paged;
    names.push_back(listener.member ? listener.member->name : listener.address);
    add(news, {listener.member ? listener.member->name : "", listener.address}, is_page);
    if (!is_page || !listener.member) continue;
    for (const auto& pager : listener.member->page) add(news, {"", pager}, true);
    if (!listener.member->webhook.empty()) add(news, {"", webhook_recipient(*listener.member)}, true);
  }
  const auto& to = news.entry.to;
  log_event(decision_, news.ticket.number, now_, "ticketd", "staff_told",
            fmt::format("{} was to be told of it, and can't be reached there now. Told instead: {}.",
                        printable_line(to.display_name.empty() ? to.addr_spec : to.display_name),
                        printable_line(fmt::format("{}", fmt::join(names, ", ")))));
}

void DigestMails::add(const DueNews& news) {
  const auto& entry = news.entry;
  if (is_heard_at(entry.to.addr_spec, ruleset_, now_)) return add(news, entry.to, entry.is_page);
  const auto listeners = hearing_now(news, ruleset_, now_);
  if (listeners.empty()) return add(news, entry.to, entry.is_page);
  pass_on(news, listeners);
}

void DigestMails::compose(const Templates& templates, const TokenSource& tokens) {
  for (const auto& [whose, mail] : mails_) {
    if (const auto* member = find_webhook(whose.first, ruleset_); member != nullptr) {
      decision_.outgoing.push_back(digest_call(*member, mail.entries, ruleset_, now_, tokens()));
      continue;
    }
    const auto count = mail.entries.size();
    const auto token = tokens();
    const TemplateValues values{{"cut_line", cut_line_of(token)},
                                {"tickets", digest_lines(mail.entries, ruleset_, now_)},
                                {"count", std::to_string(count)},
                                {"what", tickets_wait(count)},
                                {"support_name", ruleset_.support.name}};
    auto text = templates.render("staff-digest.txt", values);
    MailDraft draft;
    draft.kind = mail.is_page ? OutboxKind::page : OutboxKind::digest;
    draft.to = {mail.to};
    draft.subject = std::move(text.subject);
    draft.is_short = is_pager(whose.first, ruleset_);
    draft.body = draft.is_short ? short_digest(draft.subject, mail.entries, ruleset_) : std::move(text.body);
    auto composed = compose_mail(draft, ruleset_, now_, token);
    if (!composed.recipients.empty()) decision_.outgoing.push_back(std::move(composed));
  }
}

}  // namespace

Decision decide_digests(const std::vector<DueNews>& due, const Ruleset& ruleset, const Templates& templates, Time now,
                        const TokenSource& tokens) {
  Decision decision;
  decision.outcome = Outcome::staff;
  DigestMails mails(ruleset, now, decision);
  for (const auto& news : due) {
    decision.told.push_back(news.entry.id);
    if (!is_settled(news, ruleset)) mails.add(news);
  }
  mails.compose(templates, tokens);
  return decision;
}

}  // namespace ticketd
