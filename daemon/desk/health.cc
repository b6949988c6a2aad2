#include "daemon/desk/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "daemon/desk/lease_health.h"
#include "daemon/oauth2/token_names.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// A mail that waits longer than this, and not by a server's answer about itself, tells that sending does not work.
constexpr Duration kOutboxAge = std::chrono::minutes{15};
/// Nor does one for which the mail server gives no answer for so long.
constexpr Duration kAnswerAge = std::chrono::minutes{5};
/// Longer than this, no page is left as it was before a change.
constexpr Duration kPageAge = std::chrono::minutes{5};
/// A provider that does not answer once is no reason to wake somebody.
constexpr Duration kTokenPatience = std::chrono::minutes{2};
/// So much of a digest tells one login of a user from another.
constexpr std::size_t kNameDigits = 8;
/// So many polls may pass before a mail that was filed is dealt with on the server.
constexpr int kPatience = 3;
constexpr Duration kLeastPatience = std::chrono::minutes{15};

std::string mails(std::uint64_t count) { return count == 1 ? "1 mail" : fmt::format("{} mails", count); }

const MailboxHealth* find_health(std::span<const MailboxHealth> mailboxes, const std::string& name) {
  const auto found = std::ranges::find(mailboxes, name, &MailboxHealth::name);
  return found == mailboxes.end() ? nullptr : &*found;
}

constexpr std::string_view kSilent = "silent";

std::string problem_name(const MailboxSettings& mailbox, std::string_view what) {
  return fmt::format("mailbox {} {}", mailbox.name, what);
}

/// "4 minutes", "20 seconds"
std::string length_of(Duration span) {
  const bool is_short = span < std::chrono::minutes{1};
  return humane_duration(is_short ? Duration{std::chrono::floor<std::chrono::seconds>(span)}
                                  : Duration{std::chrono::floor<std::chrono::minutes>(span)});
}

/// The server's list and its own count did not agree when they were last compared, which was after any good poll.
std::string contradiction(const MailboxHealth& health) {
  const auto& last = health.comparison;
  if (!last || last->listed == last->server_count || last->at < health.last_success_at.value_or(last->at)) return {};
  return fmt::format(", and its list and its own count disagree again and again (SEARCH: {}, EXISTS: {})", last->listed,
                     last->server_count);
}

std::string mailbox_problem(const MailboxSettings& mailbox, const MailboxHealth* health, Time now) {
  if (!health || !health->last_success_at) {
    const auto error =
        health && !health->error.empty() ? contradiction(*health) + ": " + health->error : std::string(" yet");
    return fmt::format("mailbox {} was never polled successfully{}", mailbox.name, error);
  }
  const auto silence = now - *health->last_success_at;
  const bool is_future = silence < -kPatience * mailbox.poll_interval;
  if (silence <= kPatience * mailbox.poll_interval && !is_future) return {};
  return fmt::format("mailbox {} had no good poll {}{}: {}", mailbox.name,
                     is_future ? "since the clock was set back" : "for " + length_of(silence), contradiction(*health),
                     health->error.empty() ? "is the daemon running?" : health->error);
}

/// What a healthy conversation still can't do: a folder that is gone, a quota, a right that was taken away.
std::string pending_problem(const MailboxSettings& mailbox, const MailboxHealth& health, Time now) {
  if (!health.oldest_pending_at) return {};
  const auto waited = now - *health.oldest_pending_at;
  if (waited <= std::max<Duration>(kPatience * mailbox.poll_interval, kLeastPatience)) return {};
  return fmt::format("mailbox {}: mails that were filed {} ago could not be moved or marked on the server; see the log",
                     mailbox.name, humane_duration(std::chrono::floor<std::chrono::minutes>(waited)));
}

/// What may be over before anybody has looked.
constexpr Duration kPassing = std::chrono::minutes{15};

/// So many are named.
constexpr std::size_t kNamed = 10;

void add_stuck_problem(std::vector<Problem>& problems, std::span<const StuckTicket> stuck) {
  if (stuck.empty()) return;
  std::string named;
  for (const auto& each : stuck.first(std::min(stuck.size(), kNamed)))
    named += fmt::format("{}{} ({})", named.empty() ? "" : ", ", shown_number(each.ticket), each.reason);
  if (stuck.size() > kNamed) named += fmt::format(" and {} more", stuck.size() - kNamed);
  const auto tickets = stuck.size() == 1 ? std::string("1 ticket") : fmt::format("{} tickets", stuck.size());
  problems.push_back({"tickets stuck",
                      fmt::format("{} can't be closed in time: {}; close by hand: ticketctl close {}", tickets, named,
                                  static_cast<std::int64_t>(stuck.front().ticket)),
                      {}});
}

void add_outbox_problems(std::vector<Problem>& problems, const DeskCounts& counts, Time now) {
  if (const auto failed = counts.failed - counts.kept_back; failed > 0)
    problems.push_back(
        {"outbox failed", fmt::format("{} could not be sent; see: ticketctl outbox", mails(failed)), {}, failed});
  if (counts.uncertain > 0)
    problems.push_back({"outbox uncertain",
                        fmt::format("{} may or may not have been sent; see: ticketctl outbox", mails(counts.uncertain)),
                        kPassing});
  if (counts.oldest_sending_at && now - *counts.oldest_sending_at > kAnswerAge)
    problems.push_back(
        {"outbox sending",
         fmt::format("the mail server gives no answer for {}, on the way for {} by now", mails(counts.sending),
                     humane_duration(std::chrono::floor<std::chrono::minutes>(now - *counts.oldest_sending_at))),
         {}});
  if (counts.oldest_unsent_at && now - *counts.oldest_unsent_at > kOutboxAge)
    problems.push_back(
        {"outbox age",
         fmt::format("the oldest unsent mail has waited for {}",
                     humane_duration(std::chrono::floor<std::chrono::minutes>(now - *counts.oldest_unsent_at))),
         {}});
  if (counts.put_off > 0)
    problems.push_back({"outbox put off",
                        fmt::format("the mail server puts off {} for more than {}, by answers about {} recipients or "
                                    "{} content; see: ticketctl outbox",
                                    mails(counts.put_off), humane_duration(kOutboxAge),
                                    counts.put_off == 1 ? "its" : "their", counts.put_off == 1 ? "its" : "their"),
                        {},
                        counts.put_off});
}

void add_mailbox_problems(std::vector<Problem>& problems, const MailboxSettings& mailbox, const MailboxHealth* health,
                          Time now) {
  const auto add = [&](std::string_view what, std::string text, Duration patience) {
    if (!text.empty()) problems.push_back({problem_name(mailbox, what), std::move(text), patience});
  };
  add(kSilent, mailbox_problem(mailbox, health, now), {});
  if (!health) return;
  add("pending", pending_problem(mailbox, *health, now), {});
  if (!health->missing.empty())
    add("missing",
        fmt::format("mailbox {}: the ledger misses {} that the server lists; see: ticketctl ledger", mailbox.name,
                    mails(health->missing.size())),
        std::max<Duration>(kPatience * mailbox.poll_interval, kPassing));
}

/// From the first answer that is kept back until none has been for the length of the window.
void add_storm_problem(std::vector<Problem>& problems, const RateLimit& limit, std::uint64_t withheld) {
  if (withheld == 0) return;
  problems.push_back({"acknowledgements",
                      fmt::format("a storm of mail: {} got no automatic answer, for the desk sends {} in {} at most "
                                  "(limits.acknowledgements); their tickets are there as always",
                                  mails(withheld), limit.count, humane_duration(limit.window)),
                      {}});
}

void add_staff_problems(std::vector<Problem>& problems, std::span<const Undeliverable> unreachable) {
  for (const auto& each : unreachable)
    problems.push_back({"undeliverable " + each.address,
                        fmt::format("mail to {}, who is staff, came back, and none is sent there any more: {}; once "
                                    "it works again: ticketctl undeliverable clear {}",
                                    each.address, printable_line(each.reason), each.address),
                        {}});
}

/// The page is out of date, and the world reads it.
void add_page_problem(std::vector<Problem>& problems, const StatusPageState& page, Time now) {
  const bool is_late = page.changes != page.written && page.changed_at && now - *page.changed_at > kPageAge;
  if (!page.error.empty())
    problems.push_back(
        {"status page", fmt::format("the status page can't be written: {}", printable_line(page.error)), {}});
  else if (is_late)
    problems.push_back(
        {"status page", "the status page does not show the latest change of an incident: is the daemon running?", {}});
}

/// Where staff, and admins, get mail.
std::vector<std::string> staff_addresses(const Ruleset& ruleset) {
  std::vector<std::string> addresses = ruleset.support.admins;
  for (const auto& member : ruleset.staff) {
    addresses.push_back(member.email);
    addresses.insert(addresses.end(), member.page.begin(), member.page.end());
  }
  for (auto& address : addresses) address = address_key(address);
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
  return addresses;
}

/// A failure of a login that the configuration does not have any more says nothing.
void add_token_problems(std::vector<Problem>& problems, const Settings& settings,
                        std::span<const TokenFailure> failures) {
  std::map<std::string, std::string> logins;  // to their users
  const auto add = [&](const ServerSettings& server) {
    if (server.oauth2) logins.emplace(token_login(server), server.user);
  };
  for (const auto& mailbox : settings.mailboxes) add(mailbox.server);
  for (const auto& server : settings.smtp.servers) add(server);
  for (const auto& failure : failures)
    if (const auto login = logins.find(failure.login); login != logins.end())
      problems.push_back({fmt::format("access token {} {}", login->second, failure.login.substr(0, kNameDigits)),
                          printable_line(failure.error), kTokenPatience});
}

}  // namespace

DeskCounts load_counts(Store& store, const Ruleset& ruleset, Time now) {
  auto counts = store.counts(now);
  counts.put_off = store.put_off_mails(now - kOutboxAge);
  counts.withheld_answers = store.withheld_answers(now - ruleset.acknowledgements.window, now);
  for (const auto& address : staff_addresses(ruleset))
    if (auto found = store.undeliverable(address)) counts.unreachable_staff.push_back(std::move(*found));
  return counts;
}

std::string silence_of(const MailboxSettings& mailbox) { return problem_name(mailbox, kSilent); }

std::vector<Problem> find_problems(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                   std::span<const LeaseRecord> leases, const DeskCounts& counts, Time now) {
  std::vector<Problem> problems;
  for (const auto& mailbox : settings.mailboxes)
    add_mailbox_problems(problems, mailbox, find_health(mailboxes, mailbox.name), now);
  if (counts.quarantined > 0)
    problems.push_back({"quarantine",
                        fmt::format("{} in quarantine, because reading it failed; see: ticketctl quarantine",
                                    mails(counts.quarantined)),
                        {}});
  add_stuck_problem(problems, counts.stuck);
  add_outbox_problems(problems, counts, now);
  add_storm_problem(problems, settings.ruleset.acknowledgements, counts.withheld_answers);
  add_token_problems(problems, settings, counts.token_failures);
  add_staff_problems(problems, counts.unreachable_staff);
  if (!settings.status_page_directory.empty()) add_page_problem(problems, counts.status_page, now);
  add_lease_problems(problems, settings, mailboxes, leases, now);
  return problems;
}

}  // namespace ticketd
