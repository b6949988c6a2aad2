#include "daemon/imap/mailbox_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>

#include "daemon/log/log.h"
#include "daemon/net/backoff.h"
#include "daemon/net/connect_error.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// How many mails are fetched before what is due on the server is done for them.
constexpr std::size_t kUidsPerRound = 10'000;
/// A full comparison with the ledger may take one part in so many of the time.
constexpr int kFullPassShare = 100;
/// How many mails are asked for one by one before the others are heard again.
constexpr std::size_t kSinglesPerPass = 200;
/// Of how many mails that were there before us the dates go on record.
constexpr std::ptrdiff_t kDatedBacklog = 100;
/// How many mails one look may break over and still go on.
constexpr int kAttemptsOnce = 100;

ServerDuties duties_of(const MailboxSettings& settings) {
  using Action = AfterwardsSettings::Action;
  return {settings.processed.action != Action::keep, settings.failed.action != Action::keep,
          settings.processed.action == Action::remove};
}

std::string_view name_of(AfterwardsSettings::Action action) {
  switch (action) {
    case AfterwardsSettings::Action::keep:
      return "keep";
    case AfterwardsSettings::Action::seen:
      return "seen";
    case AfterwardsSettings::Action::remove:
      return "delete";
    case AfterwardsSettings::Action::move:
      return "move";
  }
  return "";
}

Uid after(Uid uid) { return Uid{static_cast<std::uint32_t>(uid) + 1}; }
Uid before(Uid uid) { return Uid{static_cast<std::uint32_t>(uid) - 1}; }

/// Empty when there are none.
std::string missing_mails(const std::vector<Uid>& missing) {
  if (missing.empty()) return {};
  const std::string mails = missing.size() == 1 ? "1 mail has" : fmt::format("{} mails have", missing.size());
  return fmt::format("{} no outcome yet: the server lists {} and does not give {}", mails,
                     missing.size() == 1 ? "it" : "them", missing.size() == 1 ? "it" : "them");
}

/// As far as the cursor may go.
Uid below_missing(const PassReport& report) {
  const auto lowest = std::min_element(report.missing.begin(), report.missing.end());
  return lowest == report.missing.end() ? Uid{UINT32_MAX} : before(*lowest);
}

}  // namespace

MailboxRunner::MailboxRunner(Network& network, Worker& worker, MailboxSettings settings, Hooks hooks,
                             const ImapLimits& limits, const ImapTimeouts& timeouts)
    : network_(network),
      settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      limits_(limits),
      timeouts_(timeouts),
      ledger_(worker, settings_.name, settings_.folder, duties_of(settings_)),
      suspects_(settings_.poll_interval),
      lease_ended_(network.io(), asio::steady_timer::time_point::max()),
      pause_(network.io()) {
  if (hooks_.leases == nullptr || settings_.lease_folder.empty()) return;
  lease_ = std::make_unique<MailboxLease>(network, worker, *hooks_.leases, settings_, hooks_.store,
                                          MailboxLease::Hooks{hooks_.endpoint, hooks_.random}, timeouts);
}

asio::awaitable<void> MailboxRunner::keep_trying() {
  unsigned failures = 0;
  while (!stopping_) {
    const Attempt tried = co_await attempt(false);
    if (stopping_) break;  // and the next generation has not tried anything yet
    tell_ready();
    if (tried.stands_by) {
      co_await lease_->await_turn();
      continue;
    }
    if (tried.saw_mailbox || tried.found_suspect) failures = 0;
    const Duration delay =
        backoff_delay(++failures, timeouts_.reconnect_first, timeouts_.reconnect_longest, hooks_.random());
    log::mailbox_failed(settings_.name, tried.error, std::chrono::duration<double>(delay).count());
    co_await pause(delay);
  }
}

asio::awaitable<std::string> MailboxRunner::run_once() {
  Attempt tried = co_await attempt(true);
  for (int again = 0; (tried.found_suspect || tried.renumbered) && !stopping_ && again < kAttemptsOnce; ++again)
    tried = co_await attempt(true);
  tell_ready();
  if (tried.stands_by) tried.error = lease_->hindrance();
  if (stopping_ && tried.error.empty()) tried.error = "it was stopped";
  if (tried.error.empty()) tried.error = missing_mails(ledger_.missing());
  co_return std::move(tried.error);
}

void MailboxRunner::stop(bool keeps_lease) {
  stopping_ = true;
  keeps_lease_ = keeps_lease;
  pause_.cancel();
  if (lease_) lease_->give_up_waiting();
  if (lease_ && once_) lease_->stop(false);
  if (session_) session_->stop();
}

asio::awaitable<MailboxRunner::Attempt> MailboxRunner::attempt(bool once) {
  attempt_ = {};
  std::exception_ptr fatal;
  bool good_bye = false;
  try {
    co_await work(once);
    good_bye = true;
  } catch (const ImapStopped&) {
    good_bye = true;
  } catch (const LeaseLost&) {
    good_bye = true;
    note_lease_lost();
  } catch (const StoreBusy& error) {
    attempt_.error = error.what();
  } catch (const StoreError&) {
    fatal = std::current_exception();
  } catch (const std::exception& error) {
    if (!stopping_) attempt_.error = error.what();
  }
  if (good_bye && session_) co_await session_->logout();
  session_.reset();
  if (lease_) lease_->note_server(false);
  if (fatal) std::rethrow_exception(fatal);
  if (!attempt_.error.empty()) co_await note_failure(attempt_.error);
  co_return attempt_;
}

asio::awaitable<void> MailboxRunner::work(bool once) {
  co_await connect();
  co_await await_lease();
  std::vector<Uid> listed = co_await open_mailbox();
  tell_ready();
  co_await catch_up_on_actions();
  co_await pass(std::move(listed), Uid(1));
  if (once) attempt_.error = disagreement_;
  if (!once) co_await watch();
}

asio::awaitable<void> MailboxRunner::connect() {
  Endpoint endpoint = co_await hooks_.endpoint(settings_.server);
  const std::string url = public_url(endpoint.url);
  if (stopping_) throw ImapStopped();
  session_ = std::make_unique<ImapSession>(network_, std::move(endpoint), limits_, timeouts_);
  co_await session_->open();
  if (lease_) lease_->note_server(true);
  log::mailbox_connected(settings_.name, url);
}

asio::awaitable<void> MailboxRunner::watch() {
  const auto interval = std::chrono::ceil<milliseconds>(settings_.poll_interval);
  auto full_pass_at = steady_clock::now() + interval;
  while (!stopping_) {
    co_await session_->wait_for_news(interval);
    require_lease();
    const auto start = steady_clock::now();
    const bool full = start >= full_pass_at;
    const Uid first = full ? Uid{1} : after(ledger_.state().last_uid);
    std::vector<Uid> listed = co_await session_->list_uids(first);
    const bool agreed = listed.size() == session_->counted();
    if (!full) counted_.reset();
    if (full && agreed) note_disagreement(listed.size());
    if (full && !agreed) listed = co_await open_mailbox();
    if (full) co_await catch_up_on_actions();
    co_await pass(std::move(listed), first);
    if (full)
      full_pass_at = start + std::max<steady_clock::duration>(interval, (steady_clock::now() - start) * kFullPassShare);
  }
}

asio::awaitable<void> MailboxRunner::pass(std::vector<Uid> listed, Uid first) {
  PassReport report;
  std::copy_if(ledger_.missing().begin(), ledger_.missing().end(), std::back_inserter(report.missing),
               [first](Uid uid) { return uid < first; });
  report.cursor = listed.empty() ? ledger_.state().last_uid : listed.back();
  if (first <= Uid{1} && counted_) report.comparison = {{}, *counted_, listed.size(), listed.size()};
  co_await record_vanished(listed, first, report);
  std::vector<Uid> wanted = co_await ledger_.unrecorded(std::move(listed));
  const std::vector<Uid> unknown = wanted;
  wanted = co_await without_ignored_backlog(std::move(wanted));
  auto suspects = suspects_.take_from(wanted, steady_clock::now());
  for (const auto* list : {&suspects.fresh, &suspects.due, &suspects.waiting})
    report.missing.insert(report.missing.end(), list->begin(), list->end());
  co_await fetch_singly(std::move(suspects.fresh), report);
  for (std::size_t at = 0; at < wanted.size(); at += kUidsPerRound) {
    const auto round = std::span(wanted).subspan(at, std::min(kUidsPerRound, wanted.size() - at));
    std::vector<Uid> uids(round.begin(), round.end());
    co_await take_in(std::move(uids), report);
  }
  co_await note_pass(report, unknown);
  attempt_.saw_mailbox = true;
  if (suspects.due.empty()) co_return;
  co_await fetch_singly(std::move(suspects.due), report);
  co_await note_pass(std::move(report), unknown);
}

/// `unknown` were listed and had no outcome before this look.
asio::awaitable<void> MailboxRunner::note_pass(PassReport report, const std::vector<Uid>& unknown) {
  if (report.comparison) {
    const std::vector<Uid> still = co_await ledger_.unrecorded(unknown);
    report.comparison->on_record -= still.size();
  }
  std::sort(report.missing.begin(), report.missing.end());
  report.cursor = std::min(report.cursor, below_missing(report));
  report.problem = disagreement_;
  const bool is_good = report.problem.empty();
  co_await ledger_.note_pass(std::move(report));
  if (hooks_.passed) hooks_.passed();
  if (!is_good && hooks_.failed) hooks_.failed();
}

/// A UID that came empty is tried again as long as it is listed. Only a list of the whole mailbox that agrees with the
/// server's own count proves that it is gone.
asio::awaitable<void> MailboxRunner::record_vanished(const std::vector<Uid>& listed, Uid first, PassReport& report) {
  std::vector<Uid> vanished;
  for (const Uid uid : ledger_.missing())
    if (uid >= first && !std::binary_search(listed.begin(), listed.end(), uid)) vanished.push_back(uid);
  const bool proved = first <= Uid{1} && disagreement_.empty();
  if (!proved) report.missing.insert(report.missing.end(), vanished.begin(), vanished.end());
  if (vanished.empty() || !proved) co_return;
  for (const Uid uid : vanished) suspects_.acquit(uid);
  co_await ledger_.record(std::move(vanished), Outcome::vanished, "It was expunged before it could be read.");
}

/// With backlog = "ignore": without a body ever fetched, and nothing on the server touched. The dates of the highest
/// ones are what tells later that their UIDs are used again.
asio::awaitable<std::vector<Uid>> MailboxRunner::without_ignored_backlog(std::vector<Uid> wanted) {
  if (settings_.backlog != MailboxSettings::Backlog::ignore || wanted.empty()) co_return wanted;
  std::vector<Uid> asked;  // ascending
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(asked),
               [this](Uid uid) { return uid <= ledger_.state().watermark; });
  if (!ledger_.state().renumbered && asked.size() > kDatedBacklog)
    asked.erase(asked.begin(), asked.end() - kDatedBacklog);
  std::vector<DatedUid> dates;
  const bool may_lack = !ledger_.state().renumbered;  // else the dates decide what is backlog, and nothing is guessed
  if (!asked.empty()) dates = co_await session_->fetch_dates(std::move(asked), false, may_lack);
  std::ranges::sort(dates, {}, &DatedUid::uid);
  const auto is_backlog = [&](Uid uid) {
    const auto found = std::ranges::lower_bound(dates, uid, {}, &DatedUid::uid);
    return ledger_.is_backlog(uid, found != dates.end() && found->uid == uid ? found->internal_date : std::nullopt);
  };
  const auto backlog_end = std::stable_partition(wanted.begin(), wanted.end(), is_backlog);
  std::vector<Uid> backlog(wanted.begin(), backlog_end);
  wanted.erase(wanted.begin(), backlog_end);
  co_await ledger_.record(std::move(backlog), Outcome::ignored,
                          "It was in the mailbox before ticketd first looked at it, and backlog is \"ignore\".",
                          std::move(dates));
  co_return wanted;
}

/// Many at once. What a server refuses with others, it may give alone.
asio::awaitable<void> MailboxRunner::take_in(std::vector<Uid> wanted, PassReport& report) {
  Intake intake = co_await fetch(std::move(wanted), below_missing(report));
  if (intake.lag) report.lag = intake.lag;
  report.missing.insert(report.missing.end(), intake.missing.begin(), intake.missing.end());
  co_await act(settings_.processed, intake.processed);
  co_await act(settings_.failed, intake.failed);
  if (intake.refused && intake.missing.size() > 1) {
    co_await fetch_singly(std::move(intake.missing), report);
    co_return;
  }
  for (const Uid uid : intake.missing) suspects_.blame(uid, steady_clock::now());
}

/// `suspects` are in the report as missing; those that come are taken out.
asio::awaitable<void> MailboxRunner::fetch_singly(std::vector<Uid> suspects, PassReport& report) {
  if (suspects.size() > kSinglesPerPass) suspects.resize(kSinglesPerPass);
  for (const Uid uid : suspects) {
    std::vector<Uid> one{uid};
    const Intake intake = co_await fetch(std::move(one), below_missing(report));
    if (intake.lag) report.lag = intake.lag;
    if (intake.missing.empty()) {
      suspects_.acquit(uid);
      std::erase(report.missing, uid);
    } else {
      suspects_.blame(uid, steady_clock::now());
    }
    co_await act(settings_.processed, intake.processed);
    co_await act(settings_.failed, intake.failed);
  }
}

asio::awaitable<Intake> MailboxRunner::fetch(std::vector<Uid> wanted, Uid ceiling) {
  MailIntake mails(*session_, ledger_, settings_, hooks_.queued, network_.io(), lease_.get());
  std::exception_ptr broken;
  Intake result;
  try {
    result = co_await mails.take_in(std::move(wanted), ceiling);
  } catch (const NetError&) {
    broken = std::current_exception();
  }
  if (broken) {
    if (const auto uid = mails.owed_next()) {
      attempt_.found_suspect = !suspects_.contains(*uid) || suspects_.is_fresh(*uid);
      suspects_.blame(*uid, steady_clock::now());
      co_await ledger_.note_missing(*uid);
    }
    std::rethrow_exception(broken);
  }
  co_return result;
}

asio::awaitable<void> MailboxRunner::catch_up_on_actions() {
  const std::vector<LedgerEntry> entries = co_await ledger_.pending_actions();
  std::vector<Uid> processed, failed, kept;
  for (const auto& entry : entries) {
    const bool is_failed = entry.outcome == Outcome::quarantined || entry.outcome == Outcome::oversize;
    // Filed while the configuration said something milder: what is kept nowhere else is never deleted.
    const bool is_kept =
        entry.outcome == Outcome::ignored && settings_.processed.action == AfterwardsSettings::Action::remove;
    (is_failed ? failed : is_kept ? kept : processed).push_back(entry.uid);
  }
  co_await act(settings_.processed, std::move(processed));
  co_await act(settings_.failed, std::move(failed));
  if (!kept.empty()) co_await ledger_.mark_done(std::move(kept));
}

/// What the server refuses stays pending, and is tried again at the next full look.
asio::awaitable<void> MailboxRunner::act(const AfterwardsSettings& what, std::vector<Uid> uids) {
  if (uids.empty()) co_return;
  if (stopping_) throw ImapStopped();  // it is pending, and the next start begins with it
  std::string refusal;
  try {
    co_await perform(what, uids);
  } catch (const ImapRefused& error) {
    refusal = error.what();
  }
  if (!refusal.empty()) {
    log::server_action_failed(settings_.name, name_of(what.action), refusal);
    co_return;
  }
  co_await ledger_.mark_done(std::move(uids));
}

asio::awaitable<void> MailboxRunner::perform(const AfterwardsSettings& what, std::vector<Uid> uids) {
  switch (what.action) {
    case AfterwardsSettings::Action::keep:
      break;
    case AfterwardsSettings::Action::seen:
      co_await session_->mark_seen(std::move(uids));
      break;
    case AfterwardsSettings::Action::remove:
      co_await session_->remove(std::move(uids));
      break;
    case AfterwardsSettings::Action::move:
      co_await session_->move(std::move(uids), what.folder);
      break;
  }
}

asio::awaitable<void> MailboxRunner::note_failure(std::string error) {
  try {
    co_await ledger_.note_failure(std::move(error));
  } catch (const StoreBusy&) {
    // It is only for `status`; the next try notes the same.
  }
  if (hooks_.failed) hooks_.failed();
}

asio::awaitable<void> MailboxRunner::pause(Duration delay) {
  pause_.expires_after(delay);
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void MailboxRunner::tell_ready() {
  if (std::exchange(ready_told_, true) || !hooks_.ready) return;
  hooks_.ready();
}

}  // namespace ticketd
