#include "daemon/desk/status_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/desk/health.h"
#include "parsers/printable.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

bool is_lasting(const Problem& problem) { return problem.patience <= Duration::zero(); }

bool is_silence(const std::string& name, const Settings& settings) {
  return std::ranges::find(settings.mailboxes, name, silence_of) != settings.mailboxes.end();
}

std::string text_of(const Hindrance& hindrance, const Settings& settings, Time now) {
  const auto since = hindrance.since ? " since " + local_due_time(*hindrance.since, now, settings.ruleset) : "";
  return fmt::format("{}{}, trying again: {}", hindrance.what, since, hindrance.why);
}

}  // namespace

std::vector<Hindrance> find_hindrances(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                       const DeskCounts& counts) {
  std::vector<Hindrance> found;
  for (const auto& mailbox : settings.mailboxes) {
    const auto health = std::ranges::find(mailboxes, mailbox.name, &MailboxHealth::name);
    if (health == mailboxes.end() || health->error.empty()) continue;
    const char* what = health->last_success_at ? "had no good poll" : "fails";
    found.push_back({silence_of(mailbox), fmt::format("mailbox {} {}", mailbox.name, what),
                     printable_line(health->error), health->last_success_at});
  }
  if (counts.deferred > 0)
    found.push_back({"outbox deferred",
                     counts.deferred == 1 ? std::string("1 mail is not sent")
                                          : fmt::format("{} mails are not sent", counts.deferred),
                     "see ticketctl outbox",
                     {}});
  return found;
}

std::vector<std::string> hindrance_texts(std::span<const Problem> problems, std::span<const Hindrance> hindrances,
                                         const Settings& settings, Time now) {
  std::vector<std::string> texts;
  for (const auto& hindrance : hindrances) {
    const auto same = std::ranges::find(problems, hindrance.name, &Problem::name);
    if (same == problems.end() || !is_lasting(*same)) texts.push_back(text_of(hindrance, settings, now));
  }
  return texts;
}

std::string status_line(std::span<const Problem> problems, std::span<const Hindrance> hindrances,
                        const Settings& settings, Time now) {
  auto texts = hindrance_texts(problems, hindrances, settings, now);
  for (const auto& problem : problems)
    if (is_lasting(problem)) texts.push_back(problem.text);
  for (const auto& problem : problems)
    if (!is_lasting(problem) && !is_silence(problem.name, settings)) texts.push_back(problem.text);
  if (texts.empty()) return "working; nothing needs a person";
  if (texts.size() == 1) return std::move(texts.front());
  return fmt::format("{} (and {} more: see ticketctl status)", texts.front(), texts.size() - 1);
}

void DeskStatus::forget_earlier_ones(std::vector<Hindrance>& hindrances, const Settings& settings) const {
  for (const auto& mailbox : settings.mailboxes)
    if (!failed_.contains(mailbox.name))
      std::erase_if(hindrances, [&](const Hindrance& each) { return each.name == silence_of(mailbox); });
}

/// What does not say since when it is there has been since it was first seen; so has what says a time to come, for the
/// clock was set back.
void DeskStatus::date(std::vector<Hindrance>& hindrances, Time now) {
  std::map<std::string, Time> since;
  for (auto& hindrance : hindrances) {
    const auto before = hindered_.find(hindrance.name);
    const Time seen = before == hindered_.end() ? now : before->second;
    since.emplace(hindrance.name, seen);
    if (!hindrance.since || *hindrance.since > now) hindrance.since = seen;
  }
  hindered_ = std::move(since);
}

void DeskStatus::works(std::span<const Problem> problems, std::vector<Hindrance> hindrances, const Settings& settings,
                       Time now) {
  stands_by_ = false;
  forget_earlier_ones(hindrances, settings);
  date(hindrances, now);
  text_ = status_line(problems, hindrances, settings, now);
}

void DeskStatus::waits(std::vector<Hindrance> hindrances, const Settings& settings, Time now) {
  std::map<std::string, Time> not_seen = hindered_;
  const auto told = std::erase_if(not_seen, [&](const auto& each) { return is_silence(each.first, settings); });
  forget_earlier_ones(hindrances, settings);
  date(hindrances, now);
  hindered_.merge(not_seen);
  const bool stood_by = std::exchange(stands_by_, false);
  if (!hindrances.empty())
    text_ = status_line({}, hindrances, settings, now);
  else if (told > 0 || stood_by)
    text_ = "waiting: nobody knows yet whether another ticketd works on a mailbox";
}

void DeskStatus::stands_by(std::span<const Problem> problems, const Settings& settings, Time now) {
  stands_by_ = true;
  text_ =
      problems.empty() ? "standing by: another ticketd works on a mailbox" : status_line(problems, {}, settings, now);
}

}  // namespace ticketd
