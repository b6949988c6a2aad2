#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

/// So long does a mail that could not be sent hold back later ones of its ticket to the same people.
constexpr Duration kHoldsBack = std::chrono::minutes{15};
/// What could have left for so long is as urgent as what customers get, up to one of so many rows.
constexpr Duration kPatience = std::chrono::minutes{10};
constexpr std::size_t kRowsForOneOld = 10;

constexpr std::array kUrgenciesOfMail{Urgency::page, Urgency::customer, Urgency::warning, Urgency::news};

/// A row but for its recipients and octets.
OutboxRow read_row(Rows& rows) {
  OutboxRow row;
  row.mail.id = rows.integer();
  if (const auto ticket = rows.optional_integer()) row.mail.ticket = TicketId{*ticket};
  row.mail.kind = outbox_kind_from_name(rows.view()).value_or(OutboxKind::answer);
  row.urgency = static_cast<Urgency>(rows.integer());
  row.mail.reverse_path = rows.text();
  row.mail.message_id = rows.text();
  row.state = outbox_state_from_name(rows.view()).value_or(OutboxState::failed);
  row.attempts = static_cast<std::uint32_t>(rows.integer());
  row.uncertain_attempts = static_cast<std::uint32_t>(rows.integer());
  row.interrupted_attempts = static_cast<std::uint32_t>(rows.integer());
  row.next_attempt_at = rows.optional_time();
  row.last_error = rows.text();
  row.waiting_since = rows.time();
  return row;
}

enum class Recipients { all, open };

/// Who was left out of a mail that others get. A row of which nobody is left says so itself.
void show_barred(OutboxRow& row, const std::vector<std::string>& barred) {
  if (!barred.empty() && barred.size() < row.mail.recipients.size())
    row.last_error += fmt::format("{}not sent to {}, for mail to it came back", row.last_error.empty() ? "" : "; ",
                                  fmt::join(barred, ", "));
  row.refused.insert(row.refused.end(), barred.begin(), barred.end());
}

/// Reads one into the row.
void read_recipient(Rows& rows, OutboxRow& row, Recipients which, std::vector<std::string>& barred) {
  auto address = rows.text();
  const auto state = rows.view();
  if (state == "refused") row.refused.push_back(address);
  if (state == "barred") barred.push_back(address);
  if (which == Recipients::all || state == "open") row.mail.recipients.push_back(std::move(address));
}

void load_recipients(Impl& impl, OutboxRow& row, Recipients which) {
  std::vector<std::string> barred;
  auto rows = impl.query(sql::recipients, row.mail.id);
  while (rows.next()) read_recipient(rows, row, which, barred);
  if (which == Recipients::all) show_barred(row, barred);
}

/// Adds rows that come with their recipients, one each time.
void list_rows(Rows rows, std::vector<OutboxRow>& list) {
  std::vector<std::string> barred;
  const auto first = list.size();
  while (rows.next()) {
    auto row = read_row(rows);
    if (list.size() == first || list.back().mail.id != row.mail.id) {
      if (list.size() > first) show_barred(list.back(), std::exchange(barred, {}));
      list.push_back(std::move(row));
    }
    read_recipient(rows, list.back(), Recipients::all, barred);
  }
  if (list.size() > first) show_barred(list.back(), barred);
}

/// Adds what is due to those leased.
void lease_rows(Impl& impl, Rows due, Time now, std::vector<OutboxRow>& leased) {
  const auto first = leased.size();
  while (due.next()) {
    auto& row = leased.emplace_back(read_row(due));
    row.mail.octets = impl.compressor.decompress(due.view());
  }
  for (auto i = first; i < leased.size(); ++i) {
    load_recipients(impl, leased[i], Recipients::open);
    impl.run(sql::mark_sending, leased[i].mail.id, now);
  }
}

/// Pages and calls of webhooks wait for no earlier ones.
void lease_urgency(Impl& impl, Urgency urgency, Time due_by, Time now, std::size_t limit,
                   std::vector<OutboxRow>& leased) {
  const bool waits = urgency != Urgency::page && urgency != Urgency::webhook;
  const Time holds_since = waits ? now - kHoldsBack : Time::max();
  lease_rows(impl, impl.query(sql::due_outbox, due_by, limit, static_cast<std::int64_t>(urgency), holds_since), now,
             leased);
}

/// However much customers get, what staff get leaves as well.
void lease_old(Impl& impl, Time now, std::size_t limit, std::vector<OutboxRow>& leased) {
  const std::size_t first = leased.size(), most = first + limit;
  for (const auto urgency : {Urgency::warning, Urgency::news})
    if (leased.size() < most) lease_urgency(impl, urgency, now - kPatience, now, most - leased.size(), leased);
  for (auto i = first; i < leased.size(); ++i) leased[i].urgency = Urgency::customer;
}

std::optional<Time> next_due(Impl& impl, Urgency urgency) {
  auto rows = impl.query(sql::next_outbox_due, static_cast<std::int64_t>(urgency));
  return rows.next() ? rows.optional_time() : std::nullopt;
}

/// nullopt when there is no such row, or it was dropped.
std::optional<OutboxState> state_of(Impl& impl, std::int64_t id) {
  auto rows = impl.query(sql::outbox_state, id);
  return rows.next() ? outbox_state_from_name(rows.view()) : std::nullopt;
}

void mark_recipients(Impl& impl, const SendResult& result) {
  for (const auto& address : result.accepted) impl.run(sql::mark_recipient, result.id, address, "accepted");
  for (const auto& address : result.refused) impl.run(sql::mark_recipient, result.id, address, "refused");
  if (result.state == OutboxState::sent) impl.run(sql::mark_open_recipients, result.id, "accepted");
  if (result.state == OutboxState::failed) impl.run(sql::mark_open_recipients, result.id, "refused");
}

/// A row that nobody is left for has no further attempt, whatever its last one brought.
OutboxState settled_state(Impl& impl, const SendResult& result) {
  if (result.state == OutboxState::sent || result.state == OutboxState::failed) return result.state;
  bool accepted = false;
  auto rows = impl.query(sql::recipients, result.id);
  while (rows.next()) {
    rows.view();
    const auto state = rows.view();
    if (state == "open") return result.state;
    accepted = accepted || state == "accepted";
  }
  return accepted ? OutboxState::sent : OutboxState::failed;
}

/// False when the row is not on its way.
bool mark_result(Impl& impl, const SendResult& result, Time now) {
  if (state_of(impl, result.id) != OutboxState::sending) return false;
  mark_recipients(impl, result);
  const auto state = settled_state(impl, result);
  const bool again = state != OutboxState::sent && state != OutboxState::failed;
  impl.run(sql::mark_result, result.id, name_of(state), again ? result.next_attempt_at : std::nullopt, result.error,
           now, result.state == OutboxState::uncertain && !result.interrupted, result.interrupted, result.put_off);
  return true;
}

Undeliverable read_undeliverable(Rows& rows) {
  Undeliverable found;
  found.address = rows.text();
  found.since = rows.time();
  found.reason = rows.text();
  found.outbox = rows.integer();
  if (const auto ticket = rows.optional_integer()) found.ticket = TicketId{*ticket};
  return found;
}

bool has_old_activity(Impl& impl, Time before) {
  auto rows = impl.query(sql::has_old_activity, before, answer_span(before));
  return rows.next() && rows.integer() != 0;
}

}  // namespace

Time answer_span(Time at) {
  constexpr Duration kSpan = std::chrono::seconds{10};
  return at - at.time_since_epoch() % kSpan;
}

std::optional<Undeliverable> Store::Impl::load_undeliverable(std::string_view address) {
  auto rows = query(sql::undeliverable_address, address_key(address));
  return rows.next() ? std::optional(read_undeliverable(rows)) : std::nullopt;
}

std::vector<OutboxRow> Store::sending() {
  std::vector<OutboxRow> result;
  auto rows = impl_->query(sql::sending_outbox);
  while (rows.next()) load_recipients(*impl_, result.emplace_back(read_row(rows)), Recipients::open);
  return result;
}

std::vector<OutboxRow> Store::lease_outbox(Time now, std::size_t limit, Urgency least) {
  WriteScope scope(*impl_);
  std::vector<OutboxRow> leased;
  for (const auto urgency : kUrgenciesOfMail) {
    if (urgency > least) break;
    if (urgency == Urgency::customer)
      lease_old(*impl_, now, std::min(limit / kRowsForOneOld, limit - leased.size()), leased);
    if (leased.size() < limit) lease_urgency(*impl_, urgency, now, now, limit - leased.size(), leased);
  }
  scope.done();
  return leased;
}

std::vector<OutboxRow> Store::lease_alarms(Time now, Time since, std::size_t limit) {
  WriteScope scope(*impl_);
  std::vector<OutboxRow> leased;
  lease_rows(*impl_, impl_->query(sql::due_alarms, now, limit, since), now, leased);
  scope.done();
  return leased;
}

void Store::mark_results(std::span<const SendResult> results, Time now) {
  WriteScope scope(*impl_);
  for (const auto& result : results) {
    if (!mark_result(*impl_, result, now) || !result.follows) continue;
    auto follows = *result.follows;
    for (auto& event : follows.events) event.ticket = impl_->conversation_of(event.ticket);
    apply(follows, {}, nullptr, now);
  }
  scope.done();
}

std::vector<OutboxRow> Store::lease_webhooks(Time now, std::size_t limit) {
  WriteScope scope(*impl_);
  std::vector<OutboxRow> leased;
  lease_urgency(*impl_, Urgency::webhook, now, now, limit, leased);
  scope.done();
  return leased;
}

std::optional<Time> Store::next_webhook_due() { return next_due(*impl_, Urgency::webhook); }

std::optional<Time> Store::next_outbox_due() {
  std::optional<Time> first;
  for (const auto urgency : kUrgenciesOfMail)
    if (const auto due = next_due(*impl_, urgency)) first = std::min(first.value_or(*due), *due);
  return first;
}

std::vector<OutboxRow> Store::outbox() {
  std::vector<OutboxRow> result;
  list_rows(impl_->query(sql::outbox), result);
  return result;
}

std::vector<OutboxRow> Store::latest_outbox(std::size_t most_sent) {
  std::vector<OutboxRow> result;
  list_rows(impl_->query(sql::unsent_outbox), result);
  list_rows(impl_->query(sql::latest_sent, most_sent), result);
  std::ranges::sort(result, {}, [](const OutboxRow& row) { return row.mail.id; });
  return result;
}

std::optional<OutboxRow> Store::outgoing(std::int64_t id) {
  std::optional<OutboxRow> result;
  auto rows = impl_->query(sql::outgoing, id);
  if (rows.next()) load_recipients(*impl_, result.emplace(read_row(rows)), Recipients::all);
  return result;
}

std::vector<Undeliverable> Store::undeliverable() {
  std::vector<Undeliverable> result;
  auto rows = impl_->query(sql::undeliverable);
  while (rows.next()) result.push_back(read_undeliverable(rows));
  return result;
}

std::optional<Undeliverable> Store::undeliverable(std::string_view address) {
  return impl_->load_undeliverable(address);
}

std::uint64_t Store::put_off_mails(Time before) {
  auto rows = impl_->query(sql::count_put_off, before);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer()) : 0;
}

std::uint64_t Store::withheld_answers(Time since, Time now) {
  auto rows = impl_->query(sql::count_answers, answer_span(since), now);
  if (!rows.next()) return 0;
  rows.integer();
  return static_cast<std::uint64_t>(rows.integer());
}

void Store::bring_forward(Time now, Time latest, Time opening) {
  impl_->run(sql::bring_forward, now, latest);
  impl_->run(sql::bring_digests_forward, opening);
}

void Store::forget_activity(Time before) {
  constexpr std::int64_t kMost = 1000;
  if (!has_old_activity(*impl_, before)) return;  // nothing is locked while nothing is to go
  WriteScope scope(*impl_);
  impl_->run(sql::forget_activity, before, kMost);
  impl_->run(sql::forget_answers, answer_span(before), kMost);
  impl_->run(sql::forget_news, before, kMost);
  scope.done();
}

bool Store::retry_outbox(std::int64_t id, Time now) {
  WriteScope scope(*impl_);
  const auto state = state_of(*impl_, id);
  bool allowed = state == OutboxState::deferred || state == OutboxState::failed || state == OutboxState::uncertain;
  if (state == OutboxState::failed || state == OutboxState::sent)
    allowed = impl_->run(sql::reopen_recipients, id) > 0 || allowed;
  if (allowed) impl_->run(sql::retry_outbox, id, now);
  scope.done();
  return allowed;
}

bool Store::drop_outbox(std::int64_t id) {
  WriteScope scope(*impl_);
  const auto state = state_of(*impl_, id);
  const bool allowed = state && state != OutboxState::sent && state != OutboxState::sending;
  if (allowed) impl_->run(sql::drop_outbox, id);
  scope.done();
  return allowed;
}

}  // namespace ticketd
