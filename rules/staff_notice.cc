#include "rules/staff_notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/calendar.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_encoder.h"
#include "rules/mail_values.h"
#include "rules/roster.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestWords = 20'000;

std::string headline_of(StaffEvent event, Priority priority) {
  const auto category = category_name(priority);
  switch (event) {
    case StaffEvent::opened:
      return fmt::format("New {} ticket", category);
    case StaffEvent::raised:
      return fmt::format("Raised to {}", category);
    case StaffEvent::target_close:
      return fmt::format("Answer due soon ({})", category);
    case StaffEvent::breached:
      return fmt::format("Answer overdue ({})", category);
    case StaffEvent::page_unanswered:
      return fmt::format("Nobody has taken this {} ticket", category);
    case StaffEvent::customer_wrote:
      return "The customer wrote again";
    case StaffEvent::reopened:
      return fmt::format("Open again ({})", category);
    case StaffEvent::raise_refused:
      return "A higher category was asked for";
    case StaffEvent::mail_bounced:
      return "A mail to the customer came back";
    case StaffEvent::estimate_passed:
      return "The estimate has passed";
    case StaffEvent::stranger_wrote:
      return "Somebody who takes no part in it wrote";
    case StaffEvent::assigned:
      return fmt::format("Given to you ({})", category);
    case StaffEvent::category_kept:
      return fmt::format("Still {}, though its organization is downgraded", category);
    case StaffEvent::standing_changed:
      return "An organization's standing has changed";
    case StaffEvent::released:
      return fmt::format("Waits for its incident no more ({})", category);
  }
  return {};
}

OutboxKind kind_of(StaffEvent event, bool is_paged) {
  if (is_paged) return OutboxKind::page;
  if (event == StaffEvent::target_close) return OutboxKind::warning;
  return event == StaffEvent::breached ? OutboxKind::breach : OutboxKind::notification;
}

std::string requester_of(const Ticket& ticket) {
  const auto& who = ticket.requester;
  if (who.addr_spec.empty()) return who.display_name.empty() ? "nobody that is named" : who.display_name;
  return who.display_name.empty() ? who.addr_spec : fmt::format("{} <{}>", who.display_name, who.addr_spec);
}

/// "An answer is due by 10:30 today (Europe/Berlin)."
std::string state_of(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  const auto status = ticket.status == TicketStatus::new_ ? "new" : std::string(name_of(ticket.status));
  const auto whose = ticket.assignee.empty() ? std::string("nobody has it") : fmt::format("{} has it", ticket.assignee);
  if (ticket.waits_for_incident && !owes_response(ticket))
    return fmt::format(
        "It is {}, {}; it waits for {}, and no answer is due until that is over. Is it about something "
        "else? #incident none, or ticketctl incident unlink {}",
        status, whose, shown_incident(IncidentNumber{ticket.incident.value_or(0)}),
        static_cast<std::int64_t>(ticket.number));
  if (!owes_response(ticket)) return fmt::format("It is {}, {}; no answer is due.", status, whose);
  return fmt::format("It is {}, {}; an answer {} due by {} ({}).", status, whose,
                     *ticket.response_due_at <= now ? "was" : "is",
                     local_due_time(*ticket.response_due_at, now, ruleset), ruleset.support.time_zone);
}

TemplateValues staff_values(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  auto values = ticket_values(ticket, ruleset, now);
  values["requester"] = requester_of(ticket);
  values["organization"] = ticket.organization;
  values["state"] = state_of(ticket, ruleset, now);
  return values;
}

/// One piece of news on its way to those who hear of it.
class Messenger {
 public:
  Messenger(const StaffMailing& mailing, const News& news, const Ticket& ticket, Decision& decision)
      : mailing_(mailing), news_(news), decision_(decision), ticket_(ticket) {}

  void tell();

 private:
  void send(const Listener& listener, const std::string& reason);
  void send_short(const std::string& pager);
  void put_off(const Audience& audience, Time at);
  [[nodiscard]] MailDraft draft_for(std::string_view file, const TemplateValues& values, Mailbox to,
                                    OutboxKind kind) const;
  [[nodiscard]] std::string flood_reason() const;

  const StaffMailing& mailing_;
  const News& news_;
  Decision& decision_;
  const Ticket ticket_;
};

MailDraft Messenger::draft_for(std::string_view file, const TemplateValues& values, Mailbox to, OutboxKind kind) const {
  auto text = mailing_.templates.render(file, values);
  MailDraft draft;
  draft.kind = kind;
  draft.ticket = ticket_.number;
  draft.to = {std::move(to)};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  if (!news_.about) draft.references = mailing_.references;
  return draft;
}

void Messenger::send(const Listener& listener, const std::string& reason) {
  const auto token = mailing_.tokens();
  auto values = staff_values(ticket_, mailing_.ruleset, mailing_.now);
  values["headline"] = headline_of(news_.event, ticket_.priority);
  values["words"] = shortened(trim(printable_text(news_.words)), kLongestWords);
  values["reason"] = reason;
  values["cut_line"] = cut_line_of(token);
  auto mail =
      compose_mail(draft_for("staff-news.txt", values, {listener.member ? listener.member->name : "", listener.address},
                             kind_of(news_.event, listener.is_paged)),
                   mailing_.ruleset, mailing_.now, token);
  if (!mail.recipients.empty()) decision_.outgoing.push_back(std::move(mail));
}

void Messenger::send_short(const std::string& pager) {
  auto values = staff_values(ticket_, mailing_.ruleset, mailing_.now);
  values["headline"] = headline_of(news_.event, ticket_.priority);
  auto draft = draft_for("staff-page.txt", values, {"", pager}, OutboxKind::page);
  draft.is_short = true;
  auto mail = compose_mail(draft, mailing_.ruleset, mailing_.now, mailing_.tokens());
  if (!mail.recipients.empty()) decision_.outgoing.push_back(std::move(mail));
}

void Messenger::put_off(const Audience& audience, Time at) {
  const auto add = [&](Mailbox to, bool is_page) {
    decision_.digest.push_back({0, at, std::move(to), is_page, ticket_.number, news_.event, mailing_.now});
  };
  for (const auto& listener : audience.listeners) {
    add({listener.member ? listener.member->name : "", listener.address}, listener.is_paged);
    if (listener.is_paged && listener.member != nullptr)
      for (const auto& pager : listener.member->page) add({"", pager}, true);
  }
}

/// Why this goes into a digest; empty when staff were not told too often.
std::string Messenger::flood_reason() const {
  constexpr std::uint64_t kInAll = 10;
  const auto& limit = mailing_.ruleset.page_limit;
  if (!mailing_.is_limited) return {};
  const auto words = [&](std::string_view about, std::uint64_t count) {
    return fmt::format("Staff were told {} times within {} about {}", count, humane_duration(limit.window), about);
  };
  const auto& counts = mailing_.counts;
  if (counts.of_sender >= limit.count) return words("this sender", limit.count);
  if (counts.of_organization >= limit.count) return words("this organization", limit.count);
  if (counts.in_all >= kInAll * limit.count) return words("all customers together", kInAll * limit.count);
  return {};
}

/// Digests of a flood go out at full steps of page.repeat, so that one of them holds all of it.
Time next_step(Time now, Duration step) {
  const auto since = now.time_since_epoch();
  return Time{since - since % step + step};
}

/// What the repetition of a page counts from. Words that are added to a ticket put it off no longer.
bool is_call_to_take(StaffEvent event) {
  return event == StaffEvent::opened || event == StaffEvent::raised || event == StaffEvent::reopened ||
         event == StaffEvent::released || event == StaffEvent::page_unanswered;
}

void Messenger::tell() {
  const auto& ruleset = mailing_.ruleset;
  auto hindrance = news_.no_page_reason.empty() ? ticket_.no_page_reason : news_.no_page_reason;
  if (hindrance.empty() && waits_in_silence(ticket_)) hindrance = "The ticket waits for an incident.";
  const auto audience =
      audience_of({news_.event, ticket_.priority, ticket_.assignee, news_.repetition, hindrance, news_.author}, ruleset,
                  mailing_.now);
  auto reason = audience.reason;
  const auto flood = audience.in_digest ? std::string() : flood_reason();
  if (audience.in_digest) {
    put_off(audience, audience.at);
  } else if (!flood.empty()) {
    const auto at = next_step(mailing_.now, ruleset.page_repeat);
    put_off(audience, at);
    reason += fmt::format(" {}, so they are told with others at {}.", flood, local_due_time(at, mailing_.now, ruleset));
  } else {
    for (const auto& listener : audience.listeners) {
      send(listener, audience.reason);
      if (listener.is_paged && listener.member != nullptr)
        std::ranges::for_each(listener.member->page, [&](const auto& pager) { send_short(pager); });
    }
    decision_.counts_for_page_limit = decision_.counts_for_page_limit || (mailing_.is_limited && mailing_.adds_up);
  }
  const bool pages = std::ranges::any_of(audience.listeners, &Listener::is_paged);
  const bool calls_to_take = is_call_to_take(news_.event) || (ticket_.customer_spoke && !ticket_.notices.paged_at);
  if (pages && ticket_.priority == Priority::urgent && calls_to_take && !news_.about)
    decision_.ticket->notices.paged_at = mailing_.now;
  log_event(decision_, ticket_.number, mailing_.now, "ticketd", pages ? "staff_paged" : "staff_told", reason);
  note_reason(decision_, "Staff", reason);
}

/// The ticket that the news are of; nullptr where there is none.
const Ticket* subject_of(const News& news, const Decision& decision) {
  if (!news.about) return decision.ticket ? &*decision.ticket : nullptr;
  const auto found = std::ranges::find(decision.others, *news.about, &Ticket::number);
  return found == decision.others.end() ? nullptr : &*found;
}

/// What has to be told no more: somebody has seen to it since.
bool is_settled(const DueNews& news, const Ruleset& ruleset) {
  const auto& ticket = news.ticket;
  if (ticket.merged_into) return true;
  if (ticket.status == TicketStatus::closed) return !ticket.closed_at || *ticket.closed_at >= news.entry.since;
  const auto event = news.entry.event;
  const bool is_taken = find_staff_by_name(ticket.assignee, ruleset) != nullptr;
  const bool waits = owes_response(ticket) && ticket.status != TicketStatus::resolved;
  if (event == StaffEvent::opened) return is_taken || waits_in_silence(ticket);
  if (event == StaffEvent::released) return ticket.waits_for_incident || ticket.status == TicketStatus::resolved;
  if (event == StaffEvent::page_unanswered) return is_taken || !waits;
  return (event == StaffEvent::target_close || event == StaffEvent::breached) && !waits;
}

std::string digest_line(const DueNews& news, const Ruleset& ruleset, Time now) {
  return fmt::format("[{}] {}: {}\n    from {}\n    {}", tag_of(news.ticket.number, ruleset),
                     headline_of(news.entry.event, news.ticket.priority), shown_subject(news.ticket),
                     requester_of(news.ticket), state_of(news.ticket, ruleset, now));
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

/// "3 tickets wait for you: SUP-1, SUP-2, SUP-3"
std::string short_digest(std::string_view what, const std::vector<const DueNews*>& entries, const Ruleset& ruleset) {
  constexpr std::size_t kNamed = 5;
  std::string text(what);
  for (std::size_t i = 0; i < std::min(entries.size(), kNamed); ++i)
    text += fmt::format("{}{}", i == 0 ? ": " : ", ", tag_of(entries[i]->ticket.number, ruleset));
  return text + (entries.size() > kNamed ? ", …\n" : "\n");
}

}  // namespace

std::string cut_line_of(std::string_view message_id) {
  constexpr std::size_t kDigits = 12;
  return fmt::format("--- Please write your answer above this line ({}) ---", message_id.substr(0, kDigits));
}

void tell_staff(const StaffMailing& mailing, Decision& decision) {
  const auto all = decision.news;
  for (const auto& news : all)
    if (const auto* ticket = subject_of(news, decision)) Messenger(mailing, news, *ticket, decision).tell();
}

Decision decide_digests(const std::vector<DueNews>& due, const Ruleset& ruleset, const Templates& templates, Time now,
                        const TokenSource& tokens) {
  Decision decision;
  decision.outcome = Outcome::staff;
  std::map<std::pair<std::string, bool>, std::vector<const DueNews*>> mails;
  for (const auto& news : due) {
    decision.told.push_back(news.entry.id);
    if (!is_settled(news, ruleset)) mails[{to_lower(news.entry.to.addr_spec), news.entry.is_page}].push_back(&news);
  }
  for (const auto& [whose, entries] : mails) {
    const TemplateValues values{
        {"tickets", digest_lines(entries, ruleset, now)},
        {"count", std::to_string(entries.size())},
        {"what", entries.size() == 1 ? "1 ticket waits" : fmt::format("{} tickets wait", entries.size())},
        {"support_name", ruleset.support.name}};
    auto text = templates.render("staff-digest.txt", values);
    MailDraft draft;
    draft.kind = whose.second ? OutboxKind::page : OutboxKind::digest;
    draft.to = {entries.front()->entry.to};
    draft.subject = std::move(text.subject);
    draft.is_short = is_pager(whose.first, ruleset);
    draft.body = draft.is_short ? short_digest(draft.subject, entries, ruleset) : std::move(text.body);
    auto mail = compose_mail(draft, ruleset, now, tokens());
    if (!mail.recipients.empty()) decision.outgoing.push_back(std::move(mail));
  }
  return decision;
}

}  // namespace ticketd
