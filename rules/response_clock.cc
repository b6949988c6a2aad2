#include "rules/response_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rules/calendar.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

Duration warning_part(Duration target, const Ruleset& ruleset) {
  return std::chrono::duration_cast<Duration>(target * ruleset.page_warn_at);
}

/// Where the first answer under a category is kept; nullptr for the highest, which nothing is raised from.
std::optional<Time>* answer_as(Priority priority, EarlierAnswers& answered) {
  if (priority == Priority::normal) return &answered.as_normal_at;
  return priority == Priority::high ? &answered.as_high_at : nullptr;
}

void keep_answer(Priority old, Time now, Ticket& ticket) {
  auto* kept = answer_as(old, ticket.answered);
  if (kept != nullptr && !*kept) *kept = ticket.responded_at;
  if (old == Priority::normal) {
    ticket.answered.left_normal_at = now;
    ticket.answered.as_high_at.reset();  // as_normal_at is no later
  }
  ticket.responded_at.reset();
}

/// What the target of a lowered ticket counts from: the time of reporting; of one that had its answer as Normal and is
/// High now, the moment in which it was raised from there.
Time counted_from(const Ticket& ticket) {
  const bool is_raised = ticket.priority == Priority::high && ticket.answered.as_normal_at;
  return is_raised ? ticket.answered.left_normal_at.value_or(ticket.clock_from) : ticket.clock_from;
}

void set_due(Ticket& ticket, Time from, const Ruleset& ruleset) {
  const auto target = target_of(ticket, ruleset);
  const auto clock = ruleset.rule(ticket.priority).clock;
  ticket.response_due_at = add_time_on(clock, from, target, ruleset);
  ticket.warn_at = add_time_on(clock, from, warning_part(target, ruleset), ruleset);
}

/// The first answer that was given under this category or a higher one.
void restore_answer(Ticket& ticket) {
  for (const auto priority : {Priority::normal, Priority::high}) {
    const auto& kept = *answer_as(priority, ticket.answered);
    if (priority >= ticket.priority && kept)
      ticket.responded_at = ticket.responded_at ? std::min(*ticket.responded_at, *kept) : kept;
  }
}

/// The first answer is one once; what is owed after it, has its own name.
std::string_view what_is_answered(const Ticket& ticket) {
  if (ticket.owes_update) return "An answer to the customer's further mail";
  if (ticket.answered.as_normal_at || ticket.answered.as_high_at)
    return "Answer by a person after the category was raised";
  if (ticket.clock_from > ticket.reported_at) return "Answer by a person after the clock was started anew";
  return "First answer by a person";
}

}  // namespace

Duration target_of(const Ticket& ticket, const Ruleset& ruleset) {
  const auto& rule = ruleset.rule(ticket.priority);
  return ticket.owes_update && rule.update ? *rule.update : rule.response;
}

void set_target(Ticket& ticket, Time from, const Ruleset& ruleset) {
  ticket.notices.warned_at.reset();
  ticket.notices.breach_told_at.reset();
  ticket.clock_suspended = ticket.waits_for_incident;
  if (ticket.clock_suspended) {
    ticket.response_due_at.reset();
    ticket.warn_at.reset();
    return;
  }
  set_due(ticket, from, ruleset);
}

void change_priority(Ticket& ticket, Priority wanted, Time now, const Ruleset& ruleset) {
  const auto old = std::exchange(ticket.priority, wanted);
  if (wanted > old) {
    ticket.owes_update = ticket.taken = ticket.missed_before = false;
    set_target(ticket, now, ruleset);
    keep_answer(old, now, ticket);
  } else if (wanted < old) {
    if (ticket.response_due_at) set_target(ticket, counted_from(ticket), ruleset);
    restore_answer(ticket);
    if (ticket.responded_at && std::exchange(ticket.clock_suspended, false))
      set_due(ticket, counted_from(ticket), ruleset);
  }
  if (wanted != old) ticket.notices.forget_page();
}

bool start_update_clock(Ticket& ticket, Time from, const Ruleset& ruleset) {
  const bool is_answered = ticket.response_due_at && ticket.responded_at && !ticket.waits_for_incident;
  if (!is_answered || !ruleset.rule(ticket.priority).update) return false;
  ticket.missed_before = ticket.missed_before || is_breached(ticket, from);
  ticket.responded_at.reset();
  ticket.answered = {};
  ticket.clock_from = from;
  ticket.owes_update = true;
  ticket.notices.forget_page();  // the answer was its acknowledgement
  set_target(ticket, from, ruleset);
  return true;
}

void restart_clock(Ticket& ticket, Time from, const Ruleset& ruleset) {
  ticket.status = TicketStatus::open;
  ticket.resolved_at.reset();
  ticket.closed_at.reset();
  ticket.responded_at.reset();
  ticket.answered = {};
  ticket.clock_from = from;
  ticket.owes_update = ticket.taken = ticket.missed_before = false;
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
  return fmt::format("{}, {} {} it was due.", what_is_answered(ticket), humane_duration(distance),
                     is_late ? "after" : "before");
}

std::string target_in_words(const Ticket& ticket, const Ruleset& ruleset) {
  if (!ticket.response_due_at)
    return ticket.clock_suspended ? "No answer is due while its incident is open." : "No answer is owed to it.";
  const auto clock = clock_of(ticket.priority, ruleset);
  return fmt::format("{} is answered within {}, counted {} from {}, so an answer is due {}.",
                     category_name(ticket.priority), humane_duration(target_of(ticket, ruleset)),
                     clock == Clock::office_hours ? "in office hours" : "day and night",
                     dated_local_time(ticket.clock_from, ruleset), dated_local_time(*ticket.response_due_at, ruleset));
}

std::string due_in_words(const Ticket& ticket, const Ruleset& ruleset) {
  if (!ticket.response_due_at) return "no answer is due while its incident is open";
  return "an answer is due " + dated_local_time(*ticket.response_due_at, ruleset);
}

}  // namespace ticketd
