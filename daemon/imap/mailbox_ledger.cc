#include "daemon/imap/mailbox_ledger.h"

#include <algorithm>

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// How many entries without a mail go into one transaction: other jobs wait no longer than for these.
constexpr std::size_t kEntriesPerCommit = 5000;

MailboxHealth health_of(Store& store, std::string_view name) {
  for (auto& health : store.mailbox_health())
    if (health.name == name) return std::move(health);
  return {};
}

void record_all(Desk& desk, const MailboxState& mailbox, std::span<const Uid> uids, Outcome outcome,
                const std::string& reason) {
  LedgerEntry entry;
  entry.mailbox = mailbox.name;
  entry.uid_validity = mailbox.uid_validity;
  entry.outcome = outcome;
  entry.reason = reason;
  entry.at = desk.now();
  Store::Transaction transaction(desk.store());
  for (const Uid uid : uids) {
    entry.uid = uid;
    desk.store().record(entry);
  }
  transaction.commit();
}

}  // namespace

MailboxLedger::MailboxLedger(Worker& worker, std::string name, ServerDuties duties)
    : worker_(worker), name_(std::move(name)), duties_(duties) {}

asio::awaitable<std::optional<UidValidity>> MailboxLedger::open(UidValidity validity, Uid watermark) {
  struct Opened {
    MailboxState state;
    MailboxHealth before;
  };
  auto job = [name = name_, validity, watermark](Desk& desk) {
    Opened opened;
    opened.before = health_of(desk.store(), name);
    opened.state = desk.store().open_mailbox(name, validity, watermark, desk.now());
    return opened;
  };
  Opened opened = co_await worker_.run<Opened>(std::move(job));
  state_ = std::move(opened.state);
  const UidValidity before = opened.before.uid_validity;
  missing_ = before == validity ? std::move(opened.before.missing) : std::vector<Uid>{};
  if (before == validity || before == UidValidity{}) co_return std::nullopt;
  co_return before;
}

bool MailboxLedger::is_backlog(Uid uid, std::optional<Time> internal_date) const {
  if (state_.watermark) return uid <= *state_.watermark;
  // INTERNALDATE has no fractions of a second.
  return internal_date && *internal_date < std::chrono::floor<std::chrono::seconds>(state_.first_contact_at);
}

asio::awaitable<std::vector<Uid>> MailboxLedger::unrecorded(std::vector<Uid> uids) {
  if (uids.empty()) co_return uids;
  auto job = [mailbox = state_, uids = std::move(uids)](Desk& desk) {
    return desk.store().unrecorded(mailbox.name, mailbox.uid_validity, uids);
  };
  std::vector<Uid> result = co_await worker_.run<std::vector<Uid>>(std::move(job));
  co_return result;
}

asio::awaitable<void> MailboxLedger::record(std::vector<Uid> uids, Outcome outcome, std::string reason) {
  for (std::size_t at = 0; at < uids.size(); at += kEntriesPerCommit) {
    const auto count = std::min(kEntriesPerCommit, uids.size() - at);
    const auto part = std::span<const Uid>(uids).subspan(at, count);
    auto job = [mailbox = state_, part, outcome, &reason](Desk& desk) {
      record_all(desk, mailbox, part, outcome, reason);
      return part.size();
    };
    co_await worker_.run<std::size_t>(std::move(job));
  }
}

asio::awaitable<std::vector<FiledMail>> MailboxLedger::file(std::vector<FetchedMail> mails, Uid cursor) {
  auto job = [mailbox = state_, duties = duties_, mails = std::move(mails), cursor](Desk& desk) mutable {
    for (auto& mail : mails)
      if (mail.arrived.internal_date == Time{}) mail.arrived.internal_date = desk.now();
    auto filed = desk.file(mailbox, duties, mails, cursor);
    return filed;
  };
  std::vector<FiledMail> filed = co_await worker_.run<std::vector<FiledMail>>(std::move(job));
  state_.last_uid = std::max(state_.last_uid, cursor);
  co_return filed;
}

asio::awaitable<std::vector<LedgerEntry>> MailboxLedger::pending_actions() {
  auto job = [mailbox = state_](Desk& desk) {
    return desk.store().pending_actions(mailbox.name, mailbox.uid_validity);
  };
  std::vector<LedgerEntry> entries = co_await worker_.run<std::vector<LedgerEntry>>(std::move(job));
  co_return entries;
}

asio::awaitable<void> MailboxLedger::mark_done(std::vector<Uid> uids) {
  auto job = [mailbox = state_, uids = std::move(uids)](Desk& desk) {
    desk.store().mark_actions_done(mailbox.name, mailbox.uid_validity, uids);
    return uids.size();
  };
  co_await worker_.run<std::size_t>(std::move(job));
}

asio::awaitable<void> MailboxLedger::note_missing(Uid uid) {
  const auto at = std::lower_bound(missing_.begin(), missing_.end(), uid);
  if (at != missing_.end() && *at == uid) co_return;
  missing_.insert(at, uid);
  auto job = [name = name_, missing = missing_](Desk& desk) {
    Store::Transaction transaction(desk.store());
    desk.store().note_missing(name, missing);
    transaction.commit();
    return true;
  };
  co_await worker_.run<bool>(std::move(job));
}

asio::awaitable<void> MailboxLedger::note_pass(PassReport report) {
  const bool missing_changed = report.missing != missing_;
  missing_ = report.missing;
  state_.last_uid = std::max(state_.last_uid, report.cursor);
  auto job = [mailbox = state_, report = std::move(report), missing_changed](Desk& desk) {
    Store::Transaction transaction(desk.store());
    desk.store().advance_cursor(mailbox.name, mailbox.uid_validity, report.cursor);
    if (missing_changed) desk.store().note_missing(mailbox.name, report.missing);
    desk.store().note_poll(mailbox.name, desk.now(), "", report.lag);
    transaction.commit();
    return true;
  };
  co_await worker_.run<bool>(std::move(job));
}

asio::awaitable<void> MailboxLedger::note_failure(std::string error) {
  auto job = [name = name_, error = std::move(error)](Desk& desk) {
    desk.store().note_poll(name, desk.now(), error, std::nullopt);
    return true;
  };
  co_await worker_.run<bool>(std::move(job));
}

}  // namespace ticketd
