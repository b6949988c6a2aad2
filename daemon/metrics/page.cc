#include "daemon/metrics/page.h"

#include <algorithm>
#include <boost/json.hpp>

#include "daemon/desk/health.h"
#include "daemon/metrics/families.h"
#include "parsers/printable.h"
#include "rules/ticket.h"

namespace ticketd {
namespace {

double seconds(Time at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }
double seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

/// All values of an enumeration whose first one is 0.
template <class Enum, class Each>
void for_each(Each each) {
  for (int i = 0; !name_of(static_cast<Enum>(i)).empty(); ++i) each(static_cast<Enum>(i));
}

std::uint64_t count_in(const auto& counts, const auto& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

// What has not happened yet is 0: a rate sees the first one, too.
void add_filed(Exposition& page, const Settings& settings, const EventCounts::Totals& events) {
  page.family(family::mails_filed);
  auto filed = events.filed;
  for (const auto& mailbox : settings.mailboxes)
    for_each<Outcome>([&](Outcome outcome) { filed.try_emplace({mailbox.name, std::string(name_of(outcome))}, 0); });
  for (const auto& [labels, count] : filed) page.sample({{"mailbox", labels.first}, {"outcome", labels.second}}, count);
}

void add_lag(Exposition& page, const Settings& settings, const EventCounts::Totals& events) {
  page.family(family::mail_lag);
  auto lag = events.lag;
  for (const auto& mailbox : settings.mailboxes) lag.try_emplace(mailbox.name);
  for (const auto& [mailbox, histogram] : lag) {
    std::vector<std::pair<double, std::uint64_t>> buckets;
    for (std::size_t i = 0; i < kLagBounds.size(); ++i) buckets.emplace_back(kLagBounds[i], histogram.at_most[i]);
    page.histogram({"mailbox", mailbox}, buckets, histogram.count, histogram.sum);
  }
}

void add_sending(Exposition& page, const EventCounts::Totals& events) {
  page.family(family::sent);
  for_each<OutboxKind>([&](OutboxKind kind) {
    page.sample({{"kind", name_of(kind)}}, count_in(events.sent, std::string(name_of(kind))));
  });
  page.family(family::not_sent);
  for (const auto state : {OutboxState::deferred, OutboxState::failed, OutboxState::uncertain})
    page.sample({{"state", name_of(state)}}, count_in(events.not_sent, std::string(name_of(state))));
}

void add_events(Exposition& page, const PageInput& input) {
  add_filed(page, input.settings, input.events);
  add_lag(page, input.settings, input.events);
  add_sending(page, input.events);
  page.family(family::events);
  for (const auto& kind : log::all_kinds())
    if (kind.event != log::Event::lines_dropped)  // no event of the desk's, and counted in lines
      page.sample({{"event", kind.name}}, count_in(input.events.events, kind.name));
  page.family(family::log_dropped);
  page.sample({}, input.log_dropped);
  page.family(family::cut);
  page.sample({}, input.connections_cut);
}

void add_mailboxes(Exposition& page, const Settings& settings, const std::vector<MailboxHealth>& known) {
  std::vector<MailboxHealth> mailboxes;
  for (const auto& mailbox : settings.mailboxes) {
    const auto found = std::ranges::find(known, mailbox.name, &MailboxHealth::name);
    mailboxes.push_back(found == known.end() ? MailboxHealth() : *found);
    mailboxes.back().name = mailbox.name;
  }
  page.family(family::mailbox_up);
  for (const auto& each : mailboxes)
    page.sample({{"mailbox", each.name}}, std::uint64_t{each.last_success_at && each.error.empty()});
  page.family(family::last_success);
  for (const auto& each : mailboxes)
    page.sample({{"mailbox", each.name}}, seconds(each.last_success_at.value_or(Time{})));
  page.family(family::latest_lag);
  for (const auto& each : mailboxes)
    if (each.lag) page.sample({{"mailbox", each.name}}, seconds(*each.lag));
  page.family(family::missing);
  for (const auto& each : mailboxes) page.sample({{"mailbox", each.name}}, std::uint64_t{each.missing.size()});
}

void add_ledger(Exposition& page, const std::vector<LedgerCount>& ledger) {
  page.family(family::ledger);
  for (const auto& each : ledger)
    page.sample({{"mailbox", each.mailbox}, {"outcome", name_of(each.outcome)}}, each.entries);
}

void add_outbox(Exposition& page, const DeskCounts& counts, Time now) {
  page.family(family::outbox);
  page.sample({{"state", "queued"}}, counts.queued);
  page.sample({{"state", "sending"}}, counts.sending);
  page.sample({{"state", "deferred"}}, counts.deferred);
  page.sample({{"state", "failed"}}, counts.failed);
  page.sample({{"state", "uncertain"}}, counts.uncertain);
  page.family(family::put_off);
  page.sample({}, counts.put_off);
  page.family(family::outbox_age);
  page.sample({}, std::max(0.0, seconds(now - counts.oldest_unsent_at.value_or(now))));
}

void add_tickets(Exposition& page, const DeskCounts& counts, const OperatingCounts& operating) {
  page.family(family::tickets);
  page.sample({{"status", "new"}}, counts.tickets_new);
  page.sample({{"status", "open"}}, counts.tickets_open);
  page.sample({{"status", "resolved"}}, counts.tickets_resolved);
  page.family(family::opened);
  page.sample({}, operating.tickets_opened);
  page.family(family::targets);
  for (const auto& each : operating.targets) {
    const MetricLabel category{"category", category_name(each.priority)};
    page.sample({category, {"result", "in_time"}}, each.in_time);
    page.sample({category, {"result", "late"}}, each.late);
    page.sample({category, {"result", "never_answered"}}, each.never_answered);
  }
  page.family(family::owed);
  for (const auto& each : operating.targets) page.sample({{"category", category_name(each.priority)}}, each.owed);
  page.family(family::overdue);
  for (const auto& each : operating.targets) page.sample({{"category", category_name(each.priority)}}, each.overdue);
  page.family(family::next_due);
  if (counts.next_target) page.sample({}, seconds(counts.next_target->due_at));
}

void add_snapshot(Exposition& page, const Settings& settings, const Snapshot& snapshot) {
  const auto& counts = snapshot.counts;
  add_ledger(page, snapshot.operating.ledger);
  add_mailboxes(page, settings, snapshot.mailboxes);
  add_outbox(page, counts, snapshot.at);
  add_tickets(page, counts, snapshot.operating);
  page.family(family::quarantine);
  page.sample({}, counts.quarantined);
  page.family(family::stuck);
  page.sample({}, std::uint64_t{counts.stuck.size()});
  page.family(family::withheld);
  page.sample({}, counts.withheld_answers);
  page.family(family::problems);
  page.sample({}, std::uint64_t{snapshot.problems.size()});
  page.family(family::unindexed);
  page.sample({}, snapshot.operating.unindexed);
}

void add_process(Exposition& page, const PageInput& input) {
  page.family(family::store_answers);
  page.sample({}, std::uint64_t{input.snapshot != nullptr});
  page.family(family::worker);
  page.sample({}, input.worker_jobs);
  page.family(family::token_expiry);
  for (const auto& token : input.tokens)
    if (token.expires_at) page.sample({{"server", token.server}}, seconds(*token.expires_at));
  page.family(family::token_good);
  for (const auto& token : input.tokens) page.sample({{"server", token.server}}, std::uint64_t{token.is_good});
  page.family(family::build_info);
  page.sample({{"version", TICKETD_VERSION}}, std::uint64_t{1});
  page.family(family::start_time);
  page.sample({}, seconds(input.started_at));
  page.family(family::memory);
  page.sample({}, input.process.resident_octets);
  page.family(family::cpu);
  page.sample({}, input.process.cpu_seconds);
}

}  // namespace

Snapshot take_snapshot(Desk& desk, const Settings& settings) {
  Snapshot snapshot;
  auto& store = desk.store();
  snapshot.at = desk.now();
  snapshot.mailboxes = store.mailbox_health();
  snapshot.counts = load_counts(store, settings.ruleset, snapshot.at);
  snapshot.operating = store.operating_counts(snapshot.at);
  snapshot.problems = find_problems(settings, snapshot.mailboxes, store.leases(), snapshot.counts, snapshot.at);
  return snapshot;
}

std::string metrics_page(const PageInput& input) {
  Exposition page;
  add_events(page, input);
  if (input.snapshot) add_snapshot(page, input.settings, *input.snapshot);
  add_process(page, input);
  return page.text();
}

std::string health_text(const std::vector<std::string>& problems) {
  if (problems.empty()) return "ok\n";
  std::string text;
  for (const auto& problem : problems) text += printable_line(problem) + "\n";
  return text;
}

std::string health_json(const std::vector<std::string>& problems) {
  boost::json::array texts;
  for (const auto& problem : problems) texts.emplace_back(problem);
  return boost::json::serialize(boost::json::object{{"ok", problems.empty()}, {"problems", std::move(texts)}}) + "\n";
}

}  // namespace ticketd
