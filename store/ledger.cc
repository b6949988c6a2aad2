#include <fmt/format.h>

#include <algorithm>

#include "rules/names.h"
#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

constexpr auto kActions = name_table<ServerAction>(
    {{ServerAction::none, "none"}, {ServerAction::pending, "pending"}, {ServerAction::done, "done"}});

/// nullopt before the first contact.
std::optional<MailboxState> load_mailbox(Impl& impl, std::string_view name) {
  auto rows = impl.query(sql::mailbox, name);
  if (!rows.next()) return std::nullopt;
  MailboxState state;
  state.name = name;
  state.uid_validity = rows.id<UidValidity>();
  state.last_uid = rows.id<Uid>();
  if (const auto watermark = rows.optional_integer()) state.watermark = Uid{static_cast<std::uint32_t>(*watermark)};
  state.renumbered = rows.integer() != 0;
  const auto first_contact = rows.optional_time();
  if (!first_contact) return std::nullopt;
  state.first_contact_at = *first_contact;
  return state;
}

LedgerEntry read_entry(Rows& rows) {
  LedgerEntry entry;
  entry.mailbox = rows.text();
  entry.uid_validity = rows.id<UidValidity>();
  entry.uid = rows.id<Uid>();
  entry.outcome = outcome_from_name(rows.view()).value_or(Outcome::ignored);
  if (const auto ticket = rows.optional_integer()) entry.ticket = TicketId{*ticket};
  entry.at = rows.time();
  entry.reason = rows.text();
  entry.action = kActions.value(rows.view()).value_or(ServerAction::none);
  entry.quarantine = rows.optional_integer();
  return entry;
}

void read_entries(Rows rows, std::vector<LedgerEntry>& entries) {
  while (rows.next()) entries.push_back(read_entry(rows));
}

/// False when the UID is on record.
bool insert_entry(Impl& impl, const LedgerEntry& entry) {
  return impl.run(sql::insert_ledger, entry.mailbox, entry.uid_validity, entry.uid, name_of(entry.outcome),
                  entry.ticket, entry.quarantine, entry.at, entry.reason, kActions.name(entry.action),
                  entry.internal_date, entry.listed_size) == 1;
}

/// A server that lists a mail no more may do so by mistake, and give it later. False when it has not vanished.
bool replace_vanished(Impl& impl, LedgerEntry entry) {
  if (impl.run(sql::forget_vanished, entry.mailbox, entry.uid_validity, entry.uid) == 0) return false;
  impl.run(sql::uncount_vanished, entry.mailbox, entry.uid_validity);
  entry.reason += " It was on record as vanished, and came back.";
  return insert_entry(impl, entry);
}

void load_counts(Impl& impl, std::int64_t mailbox, MailboxHealth& health) {
  auto rows = impl.query(sql::ledger_counts, mailbox, health.uid_validity);
  while (rows.next()) {
    const auto outcome = outcome_from_name(rows.view());
    if (outcome) health.counts.emplace_back(*outcome, static_cast<std::uint64_t>(rows.integer()));
  }
}

void load_oldest_pending(Impl& impl, std::int64_t mailbox, MailboxHealth& health) {
  auto rows = impl.query(sql::oldest_pending, mailbox, health.uid_validity);
  if (rows.next()) health.oldest_pending_at = rows.optional_time();
}

void load_missing(Impl& impl, std::int64_t mailbox, MailboxHealth& health) {
  auto rows = impl.query(sql::missing_uids, mailbox, health.uid_validity);
  while (rows.next()) health.missing.push_back(rows.id<Uid>());
}

/// A mailbox's health with the key of its other rows.
std::pair<std::int64_t, MailboxHealth> read_health(Rows& rows) {
  MailboxHealth health;
  const auto id = rows.integer();
  health.name = rows.text();
  health.uid_validity = rows.id<UidValidity>();
  health.last_uid = rows.id<Uid>();
  health.last_success_at = rows.optional_time();
  if (const auto lag = rows.optional_integer()) health.lag = Duration{*lag};
  health.error = rows.text();
  if (const auto compared_at = rows.optional_time()) {
    auto& comparison = health.comparison.emplace();
    comparison.at = *compared_at;
    comparison.server_count = static_cast<std::uint64_t>(rows.integer());
    comparison.listed = static_cast<std::uint64_t>(rows.integer());
    comparison.on_record = static_cast<std::uint64_t>(rows.integer());
  }
  return {id, std::move(health)};
}

std::vector<std::pair<std::int64_t, MailboxHealth>> load_health(Impl& impl) {
  std::vector<std::pair<std::int64_t, MailboxHealth>> mailboxes;
  auto rows = impl.query(sql::mailboxes);
  while (rows.next()) mailboxes.push_back(read_health(rows));
  return mailboxes;
}

}  // namespace

void Store::use_folder(std::string_view mailbox, std::string_view folder) {
  WriteScope scope(*impl_);
  std::string before;
  {
    auto rows = impl_->query(sql::folder_of, mailbox);
    if (rows.next()) before = rows.text();
  }
  const auto set_aside = [&](std::string_view name) { return fmt::format("{} (folder {})", mailbox, name); };
  if (!before.empty() && before != folder) {
    impl_->run(sql::rename_mailbox, mailbox, set_aside(before));
    impl_->run(sql::rename_mailbox, set_aside(folder), mailbox);
  }
  if (before != folder) impl_->run(sql::set_folder, mailbox, folder);
  scope.done();
}

MailboxState Store::open_mailbox(std::string_view name, UidValidity validity, Uid last_listed, Time now) {
  WriteScope scope(*impl_);
  auto state = load_mailbox(*impl_, name);
  if (!state || state->uid_validity != validity) {
    const Time first_contact = state ? state->first_contact_at : now;
    const bool renumbered = state.has_value();
    impl_->run(sql::open_mailbox, name, validity, last_listed, first_contact, renumbered);
    impl_->run(sql::forget_missing, name);
    state = MailboxState{std::string(name), validity, Uid{}, last_listed, renumbered, first_contact};
  }
  scope.done();
  return *state;
}

std::vector<Uid> Store::unrecorded(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids) {
  std::vector<Uid> result;
  for (const Uid uid : uids) {
    auto rows = impl_->query(sql::ledger_has, mailbox, validity, uid);
    if (!rows.next()) result.push_back(uid);
  }
  return result;
}

Uid Store::highest_recorded(std::string_view mailbox, UidValidity validity) {
  auto rows = impl_->query(sql::highest_recorded, mailbox, validity);
  const auto highest = rows.next() ? rows.optional_integer() : std::nullopt;
  return Uid{static_cast<std::uint32_t>(highest.value_or(0))};
}

std::vector<DatedUid> Store::dated(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids,
                                   std::size_t most, std::size_t looked_at) {
  std::vector<DatedUid> result;
  const auto end = std::ranges::upper_bound(uids, highest_recorded(mailbox, validity));
  const auto known = static_cast<std::size_t>(end - uids.begin());
  for (std::size_t back = 1; back <= std::min(known, looked_at) && result.size() < most; ++back) {
    const Uid uid = uids[known - back];
    auto rows = impl_->query(sql::dated_entry, mailbox, validity, uid);
    if (!rows.next()) continue;
    auto& dated = result.emplace_back(DatedUid{uid, rows.optional_time(), std::nullopt});
    if (const auto size = rows.optional_integer()) dated.size = static_cast<std::uint64_t>(*size);
  }
  return result;
}

bool Store::record(const LedgerEntry& entry) {
  WriteScope scope(*impl_);
  bool added = insert_entry(*impl_, entry);
  if (!added && entry.outcome != Outcome::vanished) added = replace_vanished(*impl_, entry);
  if (added) impl_->run(sql::count_ledger, entry.mailbox, entry.uid_validity, name_of(entry.outcome));
  if (entry.outcome == Outcome::vanished) impl_->run(sql::settle_missing, entry.mailbox, entry.uid);
  scope.done();
  return added;
}

void Store::advance_cursor(std::string_view mailbox, UidValidity validity, Uid last_uid) {
  impl_->run(sql::advance_cursor, mailbox, validity, last_uid);
}

std::vector<LedgerEntry> Store::pending_actions(std::string_view mailbox, UidValidity validity) {
  std::vector<LedgerEntry> entries;
  read_entries(impl_->query(sql::pending_actions, mailbox, validity), entries);
  return entries;
}

void Store::mark_actions_done(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids) {
  WriteScope scope(*impl_);
  for (const Uid uid : uids) impl_->run(sql::mark_action_done, mailbox, validity, uid);
  scope.done();
}

void Store::note_poll(std::string_view mailbox, Time at, std::string_view error, std::optional<Duration> lag) {
  if (error.empty())
    impl_->run(sql::note_good_poll, mailbox, at, lag);
  else
    impl_->run(sql::note_bad_poll, mailbox, error);
}

void Store::note_missing(std::string_view mailbox, std::span<const Uid> missing) {
  WriteScope scope(*impl_);
  impl_->run(sql::forget_missing, mailbox);
  for (const Uid uid : missing) impl_->run(sql::insert_missing, mailbox, uid);
  scope.done();
}

void Store::note_comparison(std::string_view mailbox, const MailboxHealth::Comparison& comparison) {
  impl_->run(sql::note_comparison, mailbox, comparison.at, comparison.server_count, comparison.listed,
             comparison.on_record);
}

std::vector<MailboxHealth> Store::mailbox_health() {
  std::vector<MailboxHealth> result;
  for (auto& [id, health] : load_health(*impl_)) {
    load_counts(*impl_, id, health);
    load_oldest_pending(*impl_, id, health);
    load_missing(*impl_, id, health);
    result.push_back(std::move(health));
  }
  return result;
}

std::vector<LedgerEntry> Store::ledger(std::string_view mailbox) {
  std::vector<LedgerEntry> entries;
  if (!mailbox.empty()) {
    read_entries(impl_->query(sql::ledger_of_mailbox, mailbox), entries);
    return entries;
  }
  for (const auto& [id, health] : load_health(*impl_))
    read_entries(impl_->query(sql::ledger_of_mailbox, health.name), entries);
  return entries;
}

}  // namespace ticketd
