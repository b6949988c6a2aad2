#include "rules/staff_notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/mail_encoder.h"
#include "rules/mail_values.h"
#include "rules/staff_words.h"
#include "rules/time_words.h"
#include "rules/webhook.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestWords = 20'000;

OutboxKind kind_of(StaffEvent event, bool is_paged) {
  if (is_paged) return OutboxKind::page;
  if (event == StaffEvent::target_close) return OutboxKind::warning;
  return event == StaffEvent::breached ? OutboxKind::breach : OutboxKind::notification;
}

TemplateValues staff_values(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  auto values = ticket_values(ticket, ruleset, now);
  values["requester"] = shown_requester(ticket);
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
  void call(const StaffMember& member);
  void put_off(const Audience& audience, Time at);
  void send_to_all(const Audience& audience);
  void note_page();
  [[nodiscard]] StaffNews staff_news(std::optional<Time> put_off_to) const;
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

void Messenger::call(const StaffMember& member) {
  if (member.webhook.empty()) return;
  decision_.outgoing.push_back(webhook_page(member, {news_.event, headline_of(news_.event, ticket_.priority), ticket_},
                                            mailing_.ruleset, mailing_.now, mailing_.tokens()));
}

void Messenger::put_off(const Audience& audience, Time at) {
  const auto add = [&](Mailbox to, bool is_page) {
    decision_.digest.push_back({0, at, std::move(to), is_page, ticket_.number, news_.event, mailing_.now});
  };
  for (const auto& listener : audience.listeners) {
    add({listener.member ? listener.member->name : "", listener.address}, listener.is_paged);
    if (!listener.is_paged || listener.member == nullptr) continue;
    for (const auto& pager : listener.member->page) add({"", pager}, true);
    if (!listener.member->webhook.empty()) add({"", webhook_recipient(*listener.member)}, true);
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

StaffNews Messenger::staff_news(std::optional<Time> put_off_to) const {
  auto hindrance = news_.no_page_reason.empty() ? ticket_.no_page_reason : news_.no_page_reason;
  if (hindrance.empty() && waits_in_silence(ticket_)) hindrance = "The ticket waits for an incident.";
  return {news_.event,          ticket_.priority, ticket_.assignee, news_.repetition,
          std::move(hindrance), news_.author,     put_off_to};
}

void Messenger::send_to_all(const Audience& audience) {
  for (const auto& listener : audience.listeners) {
    send(listener, audience.reason);
    if (!listener.is_paged || listener.member == nullptr) continue;
    std::ranges::for_each(listener.member->page, [&](const auto& pager) { send_short(pager); });
    call(*listener.member);
  }
  decision_.counts_for_page_limit = decision_.counts_for_page_limit || (mailing_.is_limited && mailing_.adds_up);
}

/// The page about a ticket that nobody has is repeated from now on. What a customer adds does not put that off, but
/// calls as a new ticket does where an answer is owed to it and nobody was paged yet.
void Messenger::note_page() {
  const bool is_unheard = (ticket_.customer_spoke || ticket_.owes_update) && !ticket_.notices.paged_at;
  const bool calls = is_call_to_take(news_.event) || is_unheard;
  if (ticket_.priority == Priority::urgent && calls && !news_.about) decision_.ticket->notices.paged_at = mailing_.now;
}

void Messenger::tell() {
  const auto& ruleset = mailing_.ruleset;
  auto audience = audience_of(staff_news({}), ruleset, mailing_.now);
  const auto flood = audience.in_digest ? std::string() : flood_reason();
  auto reason = audience.reason;
  if (audience.in_digest) {
    put_off(audience, audience.at);
  } else if (!flood.empty()) {
    const auto at = next_step(mailing_.now, ruleset.page_repeat);
    put_off(audience, at);
    reason = fmt::format("{} {}.", audience_of(staff_news(at), ruleset, mailing_.now).reason, flood);
  } else {
    send_to_all(audience);
  }
  const bool pages = std::ranges::any_of(audience.listeners, &Listener::is_paged);
  if (pages) note_page();
  log_event(decision_, ticket_.number, mailing_.now, "ticketd", pages && flood.empty() ? "staff_paged" : "staff_told",
            reason);
  note_reason(decision_, "Staff", reason);
}

/// The ticket that the news are of; nullptr where there is none.
const Ticket* subject_of(const News& news, const Decision& decision) {
  if (!news.about) return decision.ticket ? &*decision.ticket : nullptr;
  const auto found = std::ranges::find(decision.others, *news.about, &Ticket::number);
  return found == decision.others.end() ? nullptr : &*found;
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

}  // namespace ticketd
