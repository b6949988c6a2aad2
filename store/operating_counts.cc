#include "store/operating_counts.h"

#include <algorithm>

#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

std::uint64_t read_count(Rows& rows) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, rows.optional_integer().value_or(0)));
}

void load_targets(Impl& impl, TargetCounts& counts, Time now) {
  auto past = impl.query(sql::target_counts, static_cast<int>(counts.priority));
  while (past.next()) {
    const auto result = past.text();
    const auto targets = read_count(past);
    if (result == "in_time") counts.in_time = targets;
    if (result == "late") counts.late = targets;
    if (result == "never_answered") counts.never_answered = targets;
  }
  auto owed = impl.query(sql::count_owed, static_cast<int>(counts.priority), now);
  if (!owed.next()) return;
  counts.owed = read_count(owed);
  counts.overdue = read_count(owed);
}

void load_ledger(Impl& impl, std::vector<LedgerCount>& counts) {
  auto rows = impl.query(sql::all_ledger_counts);
  while (rows.next()) {
    const auto mailbox = rows.text();
    const auto outcome = outcome_from_name(rows.view());
    const auto entries = read_count(rows);
    if (!outcome) continue;
    const auto same = std::ranges::find_if(
        counts, [&](const LedgerCount& each) { return each.mailbox == mailbox && each.outcome == *outcome; });
    if (same == counts.end())
      counts.push_back({mailbox, *outcome, entries});
    else
      same->entries += entries;
  }
}

}  // namespace

OperatingCounts Store::operating_counts(Time now) {
  OperatingCounts counts;
  counts.targets[0].priority = Priority::urgent;
  counts.targets[1].priority = Priority::high;
  counts.targets[2].priority = Priority::normal;
  for (auto& each : counts.targets) load_targets(*impl_, each, now);
  load_ledger(*impl_, counts.ledger);
  auto rows = impl_->query(sql::extents);
  if (!rows.next()) return counts;
  counts.tickets_opened = read_count(rows);
  counts.unindexed = read_count(rows);
  return counts;
}

}  // namespace ticketd
