#include "daemon/desk/lease_health.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/desk/health.h"
#include "parsers/printable.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// A desk that stands by looks every other minute; who has not for so long does not run any more.
constexpr Duration kBelieved = std::chrono::minutes{20};
/// What can't be told now may be known again before anybody has looked: a quota, a server that is being restarted.
constexpr Duration kPassing = std::chrono::minutes{15};

std::string since(const LeaseRecord& lease, Time now) {
  if (!lease.rival_since || now - *lease.rival_since < std::chrono::minutes{1}) return {};
  return fmt::format(", since {} ago",
                     humane_duration(std::chrono::floor<std::chrono::minutes>(now - *lease.rival_since)));
}

/// Why nobody hears when the other one ends.
std::string unheard(const LeaseRecord& lease) {
  if (lease.detail.empty()) return {};
  return fmt::format(", and start this one anew if it is left: the leases can't be looked at: {}",
                     printable_line(lease.detail));
}

std::string text_of(const LeaseRecord& lease, Time now) {
  const std::string mailbox = fmt::format("mailbox {}: ", lease.mailbox);
  const std::string host = printable_line(lease.rival);
  if (lease.tenure == Tenure::stand_by && lease.is_copy)
    return mailbox + fmt::format(
                         "another ticketd, on {}, works on a copy of this store{}; this one stands by, and goes "
                         "on only when it is started anew after the other has been stopped",
                         host, since(lease, now));
  if (lease.tenure == Tenure::stand_by)
    return mailbox + fmt::format(
                         "another ticketd, on {}, works on it{}; this one stands by: it takes in, answers and "
                         "reminds of nothing until the other is silent; stop one of them{}",
                         host, since(lease, now), unheard(lease));
  if (lease.tenure == Tenure::held && !lease.rival.empty())
    return mailbox + fmt::format("another ticketd, on {}, was started for it{}{}, and stands by; stop one of them",
                                 host, lease.is_copy ? " with a copy of this store" : "", since(lease, now));
  if (!lease.detail.empty())
    return mailbox +
           fmt::format("whether a second ticketd works on it can't be told: {}", printable_line(lease.detail));
  return {};
}

/// Its own latest try came to nothing, which is a problem, or becomes one, under its own name.
bool fails(std::span<const MailboxHealth> mailboxes, const std::string& name) {
  const auto health = std::ranges::find(mailboxes, name, &MailboxHealth::name);
  return health != mailboxes.end() && !health->error.empty();
}

std::string problem_name(const LeaseRecord& lease) { return fmt::format("mailbox {} lease", lease.mailbox); }

bool is_hidden(const LeaseRecord& lease, std::span<const MailboxHealth> mailboxes) {
  return lease.tenure == Tenure::unguarded && !lease.detail.empty() && fails(mailboxes, lease.mailbox);
}

}  // namespace

void add_lease_problems(std::vector<Problem>& problems, const Settings& settings,
                        std::span<const MailboxHealth> mailboxes, std::span<const LeaseRecord> leases, Time now) {
  bool stands_by = false;
  for (const auto& mailbox : settings.mailboxes) {
    const auto lease = std::ranges::find(leases, mailbox.name, &LeaseRecord::mailbox);
    if (mailbox.lease_folder.empty() || lease == leases.end()) continue;
    const bool is_late = lease->tenure != Tenure::unguarded && now - lease->looked_at > kBelieved;
    std::string text = text_of(*lease, now);
    if (text.empty() || is_late) continue;
    stands_by = stands_by || lease->tenure == Tenure::stand_by;
    if (is_hidden(*lease, mailboxes)) continue;
    const bool may_pass = lease->tenure == Tenure::unguarded;
    problems.push_back({problem_name(*lease), std::move(text), may_pass ? kPassing : Duration{}});
  }
  if (!stands_by) return;
  for (const auto& mailbox : settings.mailboxes)
    std::erase_if(problems, [&](const Problem& problem) { return problem.name == silence_of(mailbox); });
}

std::vector<std::string> hidden_lease_problems(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                               std::span<const LeaseRecord> leases) {
  std::vector<std::string> names;
  for (const auto& mailbox : settings.mailboxes) {
    const auto lease = std::ranges::find(leases, mailbox.name, &LeaseRecord::mailbox);
    if (mailbox.lease_folder.empty() || lease == leases.end() || !is_hidden(*lease, mailboxes)) continue;
    names.push_back(problem_name(*lease));
  }
  return names;
}

void add_standing_problems(std::vector<Problem>& problems, std::span<const std::string> hidden,
                           std::span<const Alarm> alarms) {
  for (const auto& alarm : alarms)
    if (!alarm.is_over && std::ranges::find(hidden, alarm.name) != hidden.end())
      problems.push_back({alarm.name, alarm.text, {}, alarm.count});
}

}  // namespace ticketd
