#include "rules/alarms.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/compose.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

constexpr Duration kCalm = std::chrono::hours{1};

const Problem* find_problem(std::span<const Problem> problems, std::string_view name) {
  const auto found = std::ranges::find(problems, name, &Problem::name);
  return found == problems.end() ? nullptr : &*found;
}

bool is_known(const std::vector<Alarm>& alarms, std::string_view name) {
  return std::ranges::find(alarms, name, &Alarm::name) != alarms.end();
}

void raise(Alarm& alarm, const Problem& problem, Time now, AlarmDecision& decision) {
  alarm.text = problem.text;
  alarm.raised_at = now;
  alarm.gone_at.reset();
  alarm.is_over = false;
  alarm.count = problem.count;
  decision.raised.push_back(problem.text);
  decision.is_changed = true;
}

/// What was told stands for what is new behind it, but not for ever.
bool is_twice_as_large(const Problem& problem, const Alarm& alarm, Time now) {
  const bool was_told_lately = now - alarm.raised_at < kCalm && alarm.raised_at <= now;
  return alarm.count > 0 && problem.count >= 2 * alarm.count && !was_told_lately;
}

/// The problem is there now.
void keep(Alarm& alarm, const Problem& problem, Time now, AlarmDecision& decision) {
  if (alarm.is_over) {
    if (problem.patience > Duration::zero()) return;
    ++alarm.repeats;
    raise(alarm, problem, now, decision);
    return;
  }
  decision.is_changed = decision.is_changed || alarm.gone_at || problem.count < alarm.count;
  alarm.gone_at.reset();
  alarm.count = std::min(alarm.count, problem.count);
  if (is_twice_as_large(problem, alarm, now)) raise(alarm, problem, now, decision);
}

/// The problem is not there now. False when nothing of it needs to be remembered any more.
bool let_go(Alarm& alarm, Time now, AlarmDecision& decision) {
  if (!alarm.gone_at || *alarm.gone_at > now) {  // later than now: the clock was set back
    alarm.gone_at = now;
    decision.is_changed = true;
  }
  const auto calm = now - *alarm.gone_at;
  if (!alarm.is_over) {
    if (alarm.repeats > 0 && calm < kCalm) return true;
    alarm.is_over = true;
    decision.over.push_back(alarm.text);
    decision.is_changed = true;
  }
  if (calm < kCalm) return true;
  decision.is_changed = true;
  return false;
}

void tell(const std::vector<std::string>& texts, std::string_view file, const Ruleset& ruleset,
          const Templates& templates, Time now, const TokenSource& tokens, AlarmDecision& decision) {
  if (texts.empty() || ruleset.support.admins.empty()) return;
  TemplateValues values;
  values["first"] =
      texts.size() == 1 ? texts.front() : fmt::format("{} (and {} more)", texts.front(), texts.size() - 1);
  values["count"] = std::to_string(texts.size());
  values["problems"] = fmt::format("- {}", fmt::join(texts, "\n- "));
  values["support_name"] = ruleset.support.name;
  auto text = templates.render(file, values);
  MailDraft draft;
  draft.kind = OutboxKind::admin;
  for (const auto& admin : ruleset.support.admins) draft.to.push_back({"", admin});
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  auto mail = compose_mail(draft, ruleset, now, tokens());
  if (!mail.recipients.empty()) decision.outgoing.push_back(std::move(mail));
}

}  // namespace

AlarmDecision decide_alarms(std::span<const Problem> problems, std::span<const Alarm> alarms, const Ruleset& ruleset,
                            const Templates& templates, Time now, const TokenSource& tokens) {
  AlarmDecision decision;
  for (auto alarm : alarms) {
    const auto* problem = find_problem(problems, alarm.name);
    if (problem != nullptr) keep(alarm, *problem, now, decision);
    if (problem != nullptr || let_go(alarm, now, decision)) decision.alarms.push_back(std::move(alarm));
  }
  for (const auto& problem : problems) {
    if (problem.patience > Duration::zero() || is_known(decision.alarms, problem.name)) continue;
    Alarm& alarm = decision.alarms.emplace_back();
    alarm.name = problem.name;
    raise(alarm, problem, now, decision);
  }
  tell(decision.raised, "alarm.txt", ruleset, templates, now, tokens, decision);
  tell(decision.over, "alarm-over.txt", ruleset, templates, now, tokens, decision);
  return decision;
}

}  // namespace ticketd
