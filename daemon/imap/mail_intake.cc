#include "daemon/imap/mail_intake.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/sources.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kBatchMails = 500;
constexpr std::size_t kBatchOctets = 8 * 1024 * 1024;

}  // namespace

bool MailIntake::Batch::full() const { return mails.size() >= kBatchMails || octets >= kBatchOctets; }

MailIntake::MailIntake(ImapSession& session, MailboxLedger& ledger, const MailboxSettings& settings,
                       const std::function<void()>& queued, asio::io_context& io, MailboxLease* lease)
    : session_(session),
      ledger_(ledger),
      settings_(settings),
      queued_(queued),
      io_(io),
      lease_(lease),
      changed_(io, asio::steady_timer::time_point::max()) {}

asio::awaitable<Intake> MailIntake::take_in(std::vector<Uid> wanted, Uid ceiling) {
  wanted_ = std::move(wanted);
  ceiling_ = ceiling;
  gathered_.assign(wanted_.size(), false);
  committed_.assign(wanted_.size(), false);
  owed_ = 0;
  intake_ = {};
  std::exception_ptr failure;
  try {
    co_await fetch_all();
  } catch (...) {
    failure = std::current_exception();
  }
  const std::function<bool()> busy = [this] { return committing_; };
  co_await wait_while(busy);
  if (error_) std::rethrow_exception(error_);
  if (failure) std::rethrow_exception(failure);
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (!committed_[i]) intake_.missing.push_back(wanted_[i]);
  intake_.refused = session_.fetch_refused();
  co_return std::move(intake_);
}

std::optional<Uid> MailIntake::owed_next() const {
  if (owed_ >= wanted_.size()) return std::nullopt;
  return wanted_[owed_];
}

asio::awaitable<void> MailIntake::fetch_all() {
  const std::function<bool()> waits_for_commit = [this] { return committing_ && batch_.full(); };
  session_.start_fetch(wanted_);
  while (!error_) {
    auto mail = co_await session_.next_mail();
    if (!mail) break;
    gather(std::move(*mail));
    if (!committing_) start_commits();
    co_await wait_while(waits_for_commit);
  }
}

asio::awaitable<void> MailIntake::wait_while(const std::function<bool()>& condition) {
  while (condition()) {
    boost::system::error_code ignored;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

/// A mail that came empty is left out (it counts as missing), and so is one that came twice.
void MailIntake::gather(ImapMail mail) {
  const auto found = std::lower_bound(wanted_.begin(), wanted_.end(), mail.uid);
  const auto index = static_cast<std::size_t>(found - wanted_.begin());
  owed_ = index + 1;  // servers answer in the order of the mailbox
  if (mail.empty() || gathered_[index]) return;
  gathered_[index] = true;
  FetchedMail fetched;
  fetched.uid = mail.uid;
  fetched.internal_date = mail.internal_date;
  fetched.listed_size = mail.listed_size;
  auto& arrived = fetched.arrived;
  arrived.mailbox = settings_.name;
  arrived.mailbox_channel = settings_.channel;
  arrived.internal_date = mail.internal_date.value_or(Time{});
  arrived.first_contact = ledger_.state().first_contact_at;
  arrived.backlog = ledger_.is_backlog(mail.uid, mail.internal_date);
  arrived.silent = is_silent(arrived.backlog, ledger_.is_late_arrival(mail.uid, mail.internal_date));
  arrived.original_size = mail.size;
  arrived.oversize = mail.size > mail.octets.size();
  arrived.octets = std::move(mail.octets);
  batch_.octets += arrived.octets.size();
  batch_.mails.push_back(std::move(fetched));
}

/// Old mail is not answered, but where the admin wants just that. What came late is kept in any case: somebody may have
/// moved it here to be read.
bool MailIntake::is_silent(bool backlog, bool late_arrival) const {
  using Backlog = MailboxSettings::Backlog;
  return (backlog && settings_.backlog == Backlog::silent) || (late_arrival && settings_.backlog != Backlog::normal);
}

void MailIntake::start_commits() {
  if (batch_.mails.empty()) return;
  committing_ = true;
  asio::co_spawn(io_, commit_gathered(), [this](std::exception_ptr error) { commits_ended(error); });
}

asio::awaitable<void> MailIntake::commit_gathered() {
  while (!batch_.mails.empty()) {
    Batch batch = std::exchange(batch_, Batch());
    changed_.cancel();
    co_await commit(std::move(batch));
  }
}

asio::awaitable<void> MailIntake::commit(Batch batch) {
  if (lease_ != nullptr) {
    auto told = session_.told_about();
    const bool is_ours = co_await lease_->confirm(std::move(told));
    if (!is_ours) throw LeaseLost();
  }
  const Uid cursor = cursor_with(batch);
  const Time newest = batch.mails.back().arrived.backlog ? Time{} : batch.mails.back().arrived.internal_date;
  Arrivals arrivals;
  for (const auto& mail : batch.mails)
    if (!mail.arrived.backlog && mail.internal_date) arrivals.emplace(mail.uid, *mail.internal_date);
  std::vector<FiledMail> filed = co_await ledger_.file(std::move(batch.mails), cursor);
  const Time now = system_now();
  note_filed(filed, arrivals, now);
  if (newest != Time{}) intake_.lag = std::max(Duration{}, now - newest);
}

void MailIntake::commits_ended(std::exception_ptr error) {
  committing_ = false;
  error_ = error;
  changed_.cancel();
  if (error) session_.stop();
}

/// Everything wanted up to it is committed once this batch is.
Uid MailIntake::cursor_with(const Batch& batch) {
  for (const auto& mail : batch.mails) {
    const auto found = std::lower_bound(wanted_.begin(), wanted_.end(), mail.uid);
    committed_[static_cast<std::size_t>(found - wanted_.begin())] = true;
  }
  const auto open = std::find(committed_.begin(), committed_.end(), false);
  if (open == committed_.end()) return std::min(wanted_.back(), ceiling_);
  const Uid first_open = wanted_[static_cast<std::size_t>(open - committed_.begin())];
  return std::min(Uid{static_cast<std::uint32_t>(first_open) - 1}, ceiling_);
}

void MailIntake::note_filed(const std::vector<FiledMail>& filed, const Arrivals& arrivals, Time now) {
  bool writes_mail = false;
  for (const auto& mail : filed) {
    std::optional<double> lag;
    if (const auto arrival = arrivals.find(mail.uid); arrival != arrivals.end())
      lag = std::max(0.0, std::chrono::duration<double>(now - arrival->second).count());
    std::optional<std::int64_t> ticket;
    if (mail.ticket) ticket = static_cast<std::int64_t>(*mail.ticket);
    log::mail_filed(settings_.name, static_cast<std::uint32_t>(mail.uid), name_of(mail.outcome), ticket,
                    mail.message_id, mail.reason, lag);
    writes_mail = writes_mail || mail.writes_mail;
    if (!mail.untouched) (mail.failed ? intake_.failed : intake_.processed).push_back(mail.uid);
  }
  if (writes_mail && queued_) queued_();
}

}  // namespace ticketd
