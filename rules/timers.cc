#include "rules/timers.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/closing.h"
#include "rules/command_case.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/grant.h"
#include "rules/mail_values.h"
#include "rules/roster.h"
#include "rules/staff_notice.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

std::optional<Time> warning_time(const Ticket& ticket) {
  const bool waits = owes_response(ticket) && !ticket.notices.warned_at && !ticket.notices.breach_told_at;
  return waits ? ticket.warn_at : std::nullopt;
}

std::optional<Time> breach_time(const Ticket& ticket) {
  return owes_response(ticket) && !ticket.notices.breach_told_at ? ticket.response_due_at : std::nullopt;
}

/// The page about an Urgent ticket goes out again until its assignee has said that he has it, or somebody has answered;
/// the last time to every engineer.
std::optional<Time> repeat_time(const Ticket& ticket, const Ruleset& ruleset) {
  const auto& notices = ticket.notices;
  const bool is_untaken = ticket.priority == Priority::urgent && !ticket.responded_at && !is_taken(ticket, ruleset);
  if (!is_untaken || !notices.paged_at || !ticket.no_page_reason.empty() || waits_in_silence(ticket))
    return std::nullopt;
  if (notices.page_repeats > ruleset.page_times) return std::nullopt;
  return *notices.paged_at + ruleset.page_repeat;
}

std::optional<Time> estimate_time(const Ticket& ticket) {
  return ticket.notices.estimate_passed_at ? std::nullopt : ticket.estimate_at;
}

/// What the clock does with one ticket at one instant.
struct TimerCase {
  const CommandContext& context;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;

  [[nodiscard]] bool is_due(std::optional<Time> at) const { return at && *at <= now; }
};

/// How the customer may go on when the target is missed (service-rules §8); nothing where it would be refused.
Words raise_offer(const TimerCase& timer, const Ticket& ticket) {
  if (ticket.priority == Priority::urgent) return {};
  const Claim claim{{}, ticket.channel, ticket.organization, timer.context.downgraded_until, nullptr};
  if (!label_obstacle(claim, timer.ruleset, timer.now).empty()) return {};
  const auto& portal = timer.ruleset.support.portal_url;
  auto offer = Words::phrase("raise_offer");
  if (portal.empty()) return offer;
  return Words::phrase("raise_offer_portal", {{"raise_offer", std::move(offer)}, {"portal_url", portal}});
}

/// Where there is a text for it: built in is that of Urgent and High. Nobody is written to whose address may be forged.
void tell_customer(const TimerCase& timer, const Ticket& ticket, Decision& decision) {
  const auto* file = ticket.priority == Priority::normal ? "breach-normal.txt" : "breach.txt";
  const auto languages = languages_of(ticket, timer.ruleset);
  const bool is_told = ticket.no_page_reason.empty() && timer.templates.has(file, languages);
  if (!is_told || !is_envelope_address(ticket.reply_to)) return;
  auto values = ticket_values(ticket, timer.ruleset, timer.now);
  add_target_values(values, ticket, {}, timer.ruleset, timer.now);
  values["raise_offer"] = raise_offer(timer, ticket);
  auto text = timer.templates.render(file, values, languages);
  MailDraft draft;
  draft.kind = OutboxKind::breach;
  draft.ticket = ticket.number;
  draft.to = {{ticket.requester.display_name, ticket.reply_to}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.language = std::move(text.language);
  draft.references = timer.context.thread_message_ids;
  if (!draft.references.empty()) draft.in_reply_to = draft.references.back();
  decision.outgoing.push_back(compose_mail(draft, timer.ruleset, timer.now, timer.tokens()));
  log_event(decision, ticket.number, timer.now, "ticketd", "breach_notice_queued",
            "The customer is told that the answer is overdue.");
}

void note_breach(const TimerCase& timer, Ticket& ticket, Decision& decision) {
  ticket.notices.breach_told_at = timer.now;
  log_event(decision, ticket.number, timer.now, "ticketd", "response_breached",
            fmt::format("An answer was due {}, and nobody has given one.",
                        dated_local_time(*ticket.response_due_at, timer.ruleset)));
  decision.news.push_back({StaffEvent::breached, {}});
  tell_customer(timer, ticket, decision);
}

void note_warning(const TimerCase& timer, Ticket& ticket, Decision& decision) {
  ticket.notices.warned_at = timer.now;
  log_event(decision, ticket.number, timer.now, "ticketd", "response_close",
            fmt::format("An answer is due {}.", dated_local_time(*ticket.response_due_at, timer.ruleset)));
  decision.news.push_back({StaffEvent::target_close, {}});
}

/// All who would hear of a warning or a breach hear of this too, and nobody is written to twice.
void note_untaken(const TimerCase& timer, Ticket& ticket, Decision& decision) {
  ++ticket.notices.page_repeats;
  ticket.notices.paged_at = timer.now;
  decision.news = {{StaffEvent::page_unanswered, {}, ticket.notices.page_repeats}};
}

void note_estimate(const TimerCase& timer, Ticket& ticket, Decision& decision) {
  ticket.notices.estimate_passed_at = timer.now;
  log_event(decision, ticket.number, timer.now, "ticketd", "estimate_passed",
            fmt::format("It was expected to be resolved by {}.", dated_local_time(*ticket.estimate_at, timer.ruleset)));
  decision.news.push_back({StaffEvent::estimate_passed,
                           "Tell the customer how it stands: answer this mail, or give a new time with #estimate."});
}

/// A ticket that is worked on. After a long sleep several things are due at once: a breach says what a warning would,
/// and a repeated page what either would.
Decision check_work(const TimerCase& timer) {
  auto ticket = *timer.context.ticket;
  auto decision = change_of(ticket, "The clock has looked at the ticket.");
  if (timer.is_due(breach_time(ticket)))
    note_breach(timer, ticket, decision);
  else if (timer.is_due(warning_time(ticket)))
    note_warning(timer, ticket, decision);
  if (timer.is_due(repeat_time(ticket, timer.ruleset))) note_untaken(timer, ticket, decision);
  if (timer.is_due(estimate_time(ticket))) note_estimate(timer, ticket, decision);
  decision.ticket = std::move(ticket);
  tell_staff({timer.context.news, timer.context.thread_message_ids, timer.ruleset, timer.templates, timer.now,
              timer.tokens, true, false},
             decision);
  return decision;
}

std::variant<Decision, Refusal> check_resolved(const TimerCase& timer) {
  const auto& ticket = *timer.context.ticket;
  if (closing_time(ticket, timer.ruleset, timer.now) > timer.now)
    return change_of(ticket, "It is not to be closed yet.");
  return decide_command(CloseCommand{true}, timer.context, {"ticketd", nullptr}, timer.ruleset, timer.templates,
                        timer.now, timer.tokens);
}

}  // namespace

std::optional<Time> next_check(const Ticket& ticket, const Ruleset& ruleset) {
  if (ticket.merged_into || ticket.status == TicketStatus::closed) return std::nullopt;
  if (ticket.status == TicketStatus::resolved)
    return ticket.resolved_at ? std::optional(closing_time(ticket, ruleset, *ticket.resolved_at)) : std::nullopt;
  std::optional<Time> earliest;
  for (const auto& at :
       {warning_time(ticket), breach_time(ticket), repeat_time(ticket, ruleset), estimate_time(ticket)})
    if (at && (!earliest || *at < *earliest)) earliest = at;
  return earliest;
}

Ticket with_page_brought_forward(Ticket ticket, const Ruleset& ruleset, Time now) {
  auto& paged_at = ticket.notices.paged_at;
  if (!paged_at || *paged_at <= now) return ticket;
  paged_at = now;
  ticket.check_at = next_check(ticket, ruleset);
  return ticket;
}

void schedule_checks(Decision& decision, const Ruleset& ruleset) {
  for (auto* ticket : {&decision.ticket, &decision.absorbed})
    if (*ticket) (*ticket)->check_at = next_check(**ticket, ruleset);
  for (auto& ticket : decision.others) ticket.check_at = next_check(ticket, ruleset);
}

std::variant<Decision, Refusal> decide_timer(const CommandContext& context, const Ruleset& ruleset,
                                             const Templates& templates, Time now, const TokenSource& tokens) {
  const TimerCase timer{context, ruleset, templates, now, tokens};
  const auto& ticket = *context.ticket;
  std::variant<Decision, Refusal> result = change_of(ticket, "There is nothing to do.");
  if (is_at_work(ticket))
    result = check_work(timer);
  else if (ticket.status == TicketStatus::resolved)
    result = check_resolved(timer);
  auto* decision = std::get_if<Decision>(&result);
  if (decision == nullptr) return result;
  schedule_checks(*decision, ruleset);
  // A resolved ticket that fell due on a day on which the office does not open waits for the next one.
  if (auto& at = decision->ticket->check_at; at && *at <= now && decision->ticket->status == TicketStatus::resolved)
    at = closing_time(*decision->ticket, ruleset, now);
  return result;
}

}  // namespace ticketd
