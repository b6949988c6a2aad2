// What time brings: targets, warnings, breaches, repeated pages, estimates, closing (service-rules §1, §5, §6, §8).
#include <algorithm>

#include <fmt/format.h>

#include "tests/week/model.h"

namespace ticketd::week {

void Model::set_target(Case& c, Time from) {
  c.warned = c.breach_told = false;
  c.due.reset();
  c.warn.reset();
  c.suspended = c.waits;
  if (c.waits) return;
  switch (c.priority) {
    case Priority::urgent:
      c.due = from + 30min;
      c.warn = from + 22min + 30s;
      break;
    case Priority::high:
      c.due = from + 2h;
      c.warn = from + 90min;
      break;
    case Priority::normal:
      c.due = clock_.after_office_time(from, 4h);
      c.warn = clock_.after_office_time(from, 3h);
      break;
  }
}

/// Lowered, the target counts from the time of reporting; raised, from now, and an answer is owed again.
void Model::change_priority(Case& c, Priority wanted, Time now) {
  if (wanted == c.priority) return;
  const auto old = c.priority;
  c.priority = wanted;
  c.paged.reset();
  c.repeats = 0;
  if (wanted > old) {
    c.taken = false;
    if (old == Priority::normal) {
      c.left_normal = now;
      c.answered_as_high.reset();  // of before, and it was Normal since
    }
    auto& before = old == Priority::normal ? c.answered_as_normal : c.answered_as_high;
    if (!before) before = c.answered;
    c.answered.reset();
    set_target(c, now);
    return;
  }
  // Answered as Normal, raised, and lowered half-way: as if it had been raised to High.
  const bool is_half_way = wanted == Priority::high && c.answered_as_normal;
  if (c.due) set_target(c, is_half_way ? c.left_normal : c.clock_from);
  // What was answered under this category, or a higher one, is answered.
  if (c.answered_as_high) c.answered = std::min(c.answered.value_or(Time::max()), *c.answered_as_high);
  if (wanted == Priority::normal && c.answered_as_normal)
    c.answered = std::min(c.answered.value_or(Time::max()), *c.answered_as_normal);
}

std::optional<Time> Model::breach_time(const Case& c) const {
  return c.is_at_work() && c.owes() && !c.breach_told ? c.due : std::nullopt;
}

std::optional<Time> Model::warning_time(const Case& c) const {
  return c.is_at_work() && c.owes() && !c.breach_told && !c.warned ? c.warn : std::nullopt;
}

/// Until an engineer has it, or somebody has answered: three times, and once more to everybody.
std::optional<Time> Model::repeat_time(const Case& c) const {
  const bool waits = c.is_at_work() && c.priority == Priority::urgent && !c.taken && !c.answered;
  if (!waits || !c.paged || c.is_silent() || c.repeats > 3) return std::nullopt;
  return *c.paged + 10min;
}

std::optional<Time> Model::estimate_time(const Case& c) const {
  return c.is_at_work() && !c.estimate_told ? c.estimate : std::nullopt;
}

std::optional<Time> Model::closing_time(const Case& c) const {
  return c.status == TicketStatus::resolved ? c.closes : std::nullopt;
}

Time Model::next_due() const {
  Time next = Time::max();
  for (const auto& [organization, until] : downgraded_) next = std::min(next, until);
  for (const auto& line : digest_) next = std::min(next, line.at);
  for (const auto& c : cases_) {
    if (c.status == TicketStatus::closed) continue;
    for (const auto& at : {breach_time(c), warning_time(c), repeat_time(c), estimate_time(c), closing_time(c)})
      if (at) next = std::min(next, *at);
  }
  return next;
}

/// Without a word for three days, of which weekends and holidays are none, the ticket is closed.
void Model::resolve(Case& c) {
  c.status = TicketStatus::resolved;
  c.resolved = now_;
  c.closes = clock_.after_office_days(now_, std::chrono::days{3});
  note(c, "ticket_resolved");
}

void Model::look_at(Case& c) {
  const auto is_due = [&](std::optional<Time> at) { return at && *at <= now_; };
  std::vector<Told> news;
  if (is_due(breach_time(c))) {
    c.breach_told = true;
    note(c, "response_breached");
    news = {{"breached"}};
    if (c.priority > Priority::normal) send("breach", "-", c.number, {c.requester});
  } else if (is_due(warning_time(c))) {
    c.warned = true;
    note(c, "response_close");
    news = {{"target_close"}};
  }
  if (is_due(repeat_time(c))) {
    ++c.repeats;
    c.paged = now_;
    news = {{"page_unanswered", c.repeats}};  // nobody is written to twice at once
  }
  if (is_due(estimate_time(c))) {
    c.estimate_told = true;
    note(c, "estimate_passed");
    news.push_back({"estimate_passed"});
  }
  for (const auto& told : news) tell(c, told);
  if (!news.empty()) expected_.touched.insert(c.number);
  if (is_due(closing_time(c))) {
    c.status = TicketStatus::closed;
    c.closed = now_;
    note(c, "ticket_closed");
    expected_.touched.insert(c.number);
  }
}

Expected Model::look(Time now) {
  now_ = now;
  expected_ = {};
  send_digests();
  for (auto each = downgraded_.begin(); each != downgraded_.end();)
    if (each->second <= now) {
      tell_standing("standing_back");
      each = downgraded_.erase(each);
    } else {
      ++each;
    }
  for (auto& c : cases_)
    if (c.status != TicketStatus::closed) look_at(c);
  return std::move(expected_);
}

}  // namespace ticketd::week
