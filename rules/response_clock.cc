#include "rules/response_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rules/calendar.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// When the given part of the target is used up, on the category's clock.
Time warning_time(Time from, Priority priority, const Ruleset& ruleset) {
  const auto& rule = ruleset.rule(priority);
  const auto part = std::chrono::duration_cast<Duration>(rule.response * ruleset.page_warn_at);
  return rule.clock == Clock::office_hours ? add_office_time(from, part, ruleset) : from + part;
}

/// Where the first answer under a category is kept; nullptr for the highest, which nothing is raised from.
std::optional<Time>* answer_as(Priority priority, EarlierAnswers& answered) {
  if (priority == Priority::normal) return &answered.as_normal_at;
  return priority == Priority::high ? &answered.as_high_at : nullptr;
}

void keep_answer(Priority old, Ticket& ticket) {
  auto* kept = answer_as(old, ticket.answered);
  if (kept != nullptr && !*kept) *kept = ticket.responded_at;
  ticket.responded_at.reset();
}

/// The first answer that was given under this category or a higher one.
void restore_answer(Ticket& ticket) {
  for (const auto priority : {Priority::normal, Priority::high}) {
    const auto& kept = *answer_as(priority, ticket.answered);
    if (priority >= ticket.priority && kept)
      ticket.responded_at = ticket.responded_at ? std::min(*ticket.responded_at, *kept) : kept;
  }
}

}  // namespace

void set_target(Ticket& ticket, Time from, const Ruleset& ruleset) {
  ticket.notices.warned_at.reset();
  ticket.notices.breach_told_at.reset();
  ticket.clock_suspended = ticket.waits_for_incident;
  if (ticket.clock_suspended) {
    ticket.response_due_at.reset();
    ticket.warn_at.reset();
    return;
  }
  ticket.response_due_at = response_due(from, ticket.priority, ruleset);
  ticket.warn_at = warning_time(from, ticket.priority, ruleset);
}

void change_priority(Ticket& ticket, Priority wanted, Time now, const Ruleset& ruleset) {
  const auto old = std::exchange(ticket.priority, wanted);
  if (wanted > old) {
    set_target(ticket, now, ruleset);
    keep_answer(old, ticket);
  } else if (wanted < old) {
    if (ticket.response_due_at) set_target(ticket, ticket.clock_from, ruleset);
    restore_answer(ticket);
  }
  if (wanted != old) ticket.notices.forget_page();
}

void restart_clock(Ticket& ticket, Time from, const Ruleset& ruleset) {
  ticket.status = TicketStatus::open;
  ticket.resolved_at.reset();
  ticket.closed_at.reset();
  ticket.responded_at.reset();
  ticket.answered = {};
  ticket.clock_from = from;
  ticket.estimate_at.reset();  // of the work that was done with
  ticket.notices.estimate_passed_at.reset();
  ticket.notices.forget_page();
  set_target(ticket, from, ruleset);
}

std::string give_response(Ticket& ticket, Time now) {
  ticket.customer_spoke = false;  // what he wrote while he waits for an incident was read
  if (ticket.responded_at) return {};
  ticket.responded_at = now;
  if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
  if (!ticket.response_due_at) return {};
  const bool is_late = now > *ticket.response_due_at;
  const Duration distance = is_late ? now - *ticket.response_due_at : *ticket.response_due_at - now;
  return fmt::format("First answer by a person, {} {} it was due.", humane_duration(distance),
                     is_late ? "after" : "before");
}

std::string target_in_words(const Ticket& ticket, const Ruleset& ruleset) {
  if (!ticket.response_due_at)
    return ticket.clock_suspended ? "No answer is due while its incident is open." : "No answer is owed to it.";
  const auto& rule = ruleset.rule(ticket.priority);
  return fmt::format("{} is answered within {}, counted {} from {}, so an answer is due {}.",
                     category_name(ticket.priority), humane_duration(rule.response),
                     rule.clock == Clock::office_hours ? "in office hours" : "day and night",
                     dated_local_time(ticket.clock_from, ruleset), dated_local_time(*ticket.response_due_at, ruleset));
}

std::string due_in_words(const Ticket& ticket, const Ruleset& ruleset) {
  if (!ticket.response_due_at) return "no answer is due while its incident is open";
  return "an answer is due " + dated_local_time(*ticket.response_due_at, ruleset);
}

}  // namespace ticketd
