#include "daemon/imap/mailbox_ledger.h"

#include <algorithm>

#include "daemon/imap/numbering.h"
#include "parsers/ascii.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// How many entries without a mail go into one transaction: other jobs wait no longer than for these.
constexpr std::size_t kEntriesPerCommit = 5000;
/// How many UIDs are looked up to find the hundred dates that an opening compares.
constexpr std::size_t kLookedUp = 10'000;
constexpr std::size_t kCompared = 100;

MailboxHealth health_of(Store& store, std::string_view name) {
  for (auto& health : store.mailbox_health())
    if (health.name == name) return std::move(health);
  return {};
}

/// Whether UIDs are on record that the server has not given out yet, as it says. The cursor alone is no proof: a list
/// may have lied. Where it has passed nothing from UIDNEXT on, missing mails may be what holds it back.
bool knows_later_ones(Desk& desk, const MailboxHealth& before, Uid uid_next) {
  if (uid_next > before.last_uid && before.missing.empty()) return false;
  return desk.store().highest_recorded(before.name, before.uid_validity) >= uid_next;
}

/// In the caller's transaction. `dates` are in ascending order.
void record_each(Desk& desk, const MailboxState& mailbox, std::span<const Uid> uids, Outcome outcome,
                 const std::string& reason, std::span<const DatedUid> dates = {}) {
  LedgerEntry entry;
  entry.mailbox = mailbox.name;
  entry.uid_validity = mailbox.uid_validity;
  entry.outcome = outcome;
  entry.reason = reason;
  entry.at = desk.now();
  for (const Uid uid : uids) {
    const auto dated = std::ranges::lower_bound(dates, uid, {}, &DatedUid::uid);
    const bool is_dated = dated != dates.end() && dated->uid == uid;
    entry.uid = uid;
    entry.internal_date = is_dated ? dated->internal_date : std::nullopt;
    entry.listed_size = is_dated ? dated->size : std::nullopt;
    desk.store().record(entry);
  }
}

void record_all(Desk& desk, const MailboxState& mailbox, std::span<const Uid> uids, Outcome outcome,
                const std::string& reason, std::span<const DatedUid> dates) {
  Store::Transaction transaction(desk.store());
  record_each(desk, mailbox, uids, outcome, reason, dates);
  transaction.commit();
}

/// What could not be read before the server's numbers began anew will not come under its number any more.
void record_lost(Desk& desk, const MailboxHealth& before) {
  MailboxState mailbox;
  mailbox.name = before.name;
  mailbox.uid_validity = before.uid_validity;
  record_each(
      desk, mailbox, before.missing, Outcome::vanished,
      "It could not be read before the server gave its mails new numbers; under those it is a mail of its own.");
}

struct Opened {
  Opening opening;
  MailboxState state;
  std::vector<Uid> missing;
};

/// Opens the first numbering from `nth` on that the ledger has no entry of.
std::optional<MailboxState> open_unused(Desk& desk, const MailboxHealth& before, const ServerNumbering& server,
                                        unsigned& nth) {
  const auto& name = before.name;
  Store::Transaction transaction(desk.store());
  for (; nth < kNumberings; ++nth) {
    auto state = desk.store().open_mailbox(name, ledger_validity(server.uid_validity, nth), server.last, desk.now());
    if (!health_of(desk.store(), name).counts.empty()) continue;
    record_lost(desk, before);
    transaction.commit();
    return state;
  }
  return std::nullopt;
}

Opened open_in(Desk& desk, const std::string& name, const ServerNumbering& server) {
  MailboxHealth before = health_of(desk.store(), name);
  Opened opened;
  auto& opening = opened.opening;
  opening.before = before.uid_validity;
  const bool first_contact = before.uid_validity == UidValidity{};
  const auto present = numbering_in(before.uid_validity, server.uid_validity);
  const bool used_again =
      present && (server.used_again || (server.uid_next && knows_later_ones(desk, before, *server.uid_next)));
  const bool begins = first_contact || !present || used_again;
  if (begins && !server.agrees) {
    opening.kind = Opening::Kind::unreliable;
    return opened;
  }
  if (first_contact || !begins) {
    const auto validity = first_contact ? server.uid_validity : before.uid_validity;
    opened.state = desk.store().open_mailbox(name, validity, server.highest, desk.now());
    if (!first_contact) opened.missing = std::move(before.missing);
    return opened;
  }
  unsigned nth = present ? *present + 1 : 0;
  const auto state = open_unused(desk, before, server, nth);
  opening.kind = !state                ? Opening::Kind::no_more_room
                 : present.has_value() ? Opening::Kind::used_again
                 : nth > 0             ? Opening::Kind::went_back
                                       : Opening::Kind::changed;
  if (state) opened.state = *state;
  return opened;
}

}  // namespace

MailboxLedger::MailboxLedger(Worker& worker, std::string name, std::string folder, ServerDuties duties)
    : worker_(worker), name_(std::move(name)), folder_(std::move(folder)), duties_(duties) {
  if (equals_ignoring_case(folder_, "INBOX")) folder_ = "INBOX";  // RFC 9051 §5.1: in any case the same
}

asio::awaitable<std::vector<DatedUid>> MailboxLedger::dated(UidValidity server, const std::vector<Uid>& listed) {
  auto job = [name = name_, folder = folder_, server, &listed](Desk& desk) {
    desk.store().use_folder(name, folder);
    const auto ours = health_of(desk.store(), name).uid_validity;
    if (!numbering_in(ours, server)) return std::vector<DatedUid>{};
    return desk.store().dated(name, ours, listed, kCompared, kLookedUp);
  };
  std::vector<DatedUid> dated = co_await worker_.run<std::vector<DatedUid>>(std::move(job));
  co_return dated;
}

asio::awaitable<Opening> MailboxLedger::open(ServerNumbering server) {
  auto job = [name = name_, server](Desk& desk) { return open_in(desk, name, server); };
  Opened opened = co_await worker_.run<Opened>(std::move(job));
  state_ = std::move(opened.state);
  missing_ = std::move(opened.missing);
  co_return opened.opening;
}

bool MailboxLedger::is_older_than_us(std::optional<Time> internal_date) const {
  // INTERNALDATE has no fractions of a second.
  return internal_date && *internal_date < std::chrono::floor<std::chrono::seconds>(state_.first_contact_at);
}

bool MailboxLedger::is_backlog(Uid uid, std::optional<Time> internal_date) const {
  if (uid > state_.watermark) return false;  // it came later, however old it is
  return !state_.renumbered || is_older_than_us(internal_date);
}

bool MailboxLedger::is_late_arrival(Uid uid, std::optional<Time> internal_date) const {
  return state_.renumbered && uid > state_.watermark && is_older_than_us(internal_date);
}

asio::awaitable<std::vector<Uid>> MailboxLedger::unrecorded(std::vector<Uid> uids) {
  if (uids.empty()) co_return uids;
  auto job = [mailbox = state_, uids = std::move(uids)](Desk& desk) {
    return desk.store().unrecorded(mailbox.name, mailbox.uid_validity, uids);
  };
  std::vector<Uid> result = co_await worker_.run<std::vector<Uid>>(std::move(job));
  co_return result;
}

asio::awaitable<void> MailboxLedger::record(std::vector<Uid> uids, Outcome outcome, std::string reason,
                                            std::vector<DatedUid> dates) {
  for (std::size_t at = 0; at < uids.size(); at += kEntriesPerCommit) {
    const auto count = std::min(kEntriesPerCommit, uids.size() - at);
    const auto part = std::span<const Uid>(uids).subspan(at, count);
    auto job = [mailbox = state_, part, outcome, &reason, &dates](Desk& desk) {
      record_all(desk, mailbox, part, outcome, reason, dates);
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
    desk.store().note_poll(mailbox.name, desk.now(), report.problem, report.lag);
    if (auto comparison = report.comparison) {
      comparison->at = desk.now();
      desk.store().note_comparison(mailbox.name, *comparison);
    }
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
