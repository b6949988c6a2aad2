#include "daemon/desk/status_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/desk/health.h"
#include "parsers/printable.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

bool is_lasting(const Problem& problem) { return problem.patience <= Duration::zero(); }

bool is_silence(const Problem& problem, const Settings& settings) {
  return std::ranges::any_of(settings.mailboxes,
                             [&](const MailboxSettings& mailbox) { return problem.name == silence_of(mailbox); });
}

std::string text_of(const Hindrance& hindrance, const Settings& settings, Time now) {
  return fmt::format("{} since {}, trying again: {}", hindrance.what,
                     local_due_time(hindrance.since, now, settings.ruleset), hindrance.why);
}

}  // namespace

std::vector<Hindrance> find_hindrances(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                       const DeskCounts& counts) {
  std::vector<Hindrance> found;
  for (const auto& mailbox : settings.mailboxes) {
    const auto health = std::ranges::find(mailboxes, mailbox.name, &MailboxHealth::name);
    if (health == mailboxes.end() || health->error.empty()) continue;
    found.push_back(
        {silence_of(mailbox), fmt::format("mailbox {} fails", mailbox.name), printable_line(health->error), {}});
  }
  if (counts.deferred > 0)
    found.push_back({"outbox deferred",
                     counts.deferred == 1 ? std::string("1 mail is not sent")
                                          : fmt::format("{} mails are not sent", counts.deferred),
                     "see ticketctl outbox",
                     {}});
  return found;
}

std::string status_line(std::span<const Problem> problems, std::span<const Hindrance> hindrances,
                        const Settings& settings, Time now) {
  std::vector<std::string> texts;
  for (const auto& hindrance : hindrances) {
    const auto same = std::ranges::find(problems, hindrance.name, &Problem::name);
    if (same == problems.end() || !is_lasting(*same)) texts.push_back(text_of(hindrance, settings, now));
  }
  for (const auto& problem : problems)
    if (is_lasting(problem)) texts.push_back(problem.text);
  for (const auto& problem : problems)
    if (!is_lasting(problem) && !is_silence(problem, settings)) texts.push_back(problem.text);
  if (texts.empty()) return "working; nothing needs a person";
  if (texts.size() == 1) return std::move(texts.front());
  return fmt::format("{} (and {} more: see ticketctl status)", texts.front(), texts.size() - 1);
}

}  // namespace ticketd
