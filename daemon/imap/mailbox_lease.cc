#include "daemon/imap/mailbox_lease.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/desk/open_desk.h"
#include "daemon/imap/lease_outage.h"
#include "daemon/log/log.h"
#include "daemon/net/backoff.h"
#include "daemon/sources.h"
#include "parsers/ascii.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// A try that comes so long after the end of a lease knows that it is over.
constexpr std::chrono::milliseconds kAfterTheEnd{10};
/// How long a stop waits for a server's answer.
constexpr std::chrono::milliseconds kStopPatience{2'000};
/// The way out where a server that works refuses what leases take.
constexpr std::string_view kStopsAsking = " (lease_folder = \"\" stops asking)";

/// The machine since its boot, and the file itself.
std::string place_of(const std::filesystem::path& store) {
  const std::string boot = boot_id();
  struct stat status {};
  if (boot.empty() || ::stat(store.c_str(), &status) != 0) return random_token();  // then it is known nowhere again
  return fmt::format("{}/{}/{}", boot, status.st_dev, status.st_ino);
}

ImapLimits lease_limits() {
  ImapLimits limits;
  limits.line_octets = 256 * 1024;
  limits.whole_octets = 32 * 1024;
  limits.head_octets = 1024;
  return limits;
}

bool is_same(const ImapMailboxStatus& a, const ImapMailboxStatus& b) {
  return a.messages && a.uid_next && a.messages == b.messages && a.uid_next == b.uid_next &&
         a.uid_validity == b.uid_validity;
}

}  // namespace

MailboxLease::MailboxLease(Network& network, Worker& worker, LeaseBoard& board, MailboxSettings settings,
                           std::filesystem::path store, Hooks hooks, const ImapTimeouts& timeouts)
    : network_(network),
      worker_(worker),
      board_(board),
      settings_(std::move(settings)),
      store_(std::move(store)),
      hooks_(std::move(hooks)),
      timeouts_(timeouts),
      watch_(board.times(), "", ""),
      pause_(network.io()),
      changed_(network.io(), asio::steady_timer::time_point::max()),
      hard_stop_(network.io()),
      last_word_(network.io()) {
  const auto patience = std::min(board_.times().first_verdict, board_.times().validity / 2);
  timeouts_.response = std::min(timeouts_.response, patience);
  timeouts_.connect = std::min(timeouts_.connect, patience);
  LeaseMail sample;
  sample.folder = equals_ignoring_case(settings_.folder, "INBOX") ? "INBOX" : settings_.folder;
  sample.holder = sample.token = "x";
  folder_ = parse_lease_mail(compose_lease_mail(sample, Time{}))->folder;
}

asio::awaitable<void> MailboxLease::run(bool once) {
  waits_since_ = SteadyClock::now();
  once_ = once;
  std::exception_ptr fatal;
  try {
    co_await load(once);
    while (!stopping_) co_await try_keeping(once);
  } catch (...) {
    fatal = std::current_exception();
  }
  ended_ = true;
  session_.reset();
  hard_stop_.cancel();
  changed_.cancel();
  if (fatal) std::rethrow_exception(fatal);
}

/// What the store knows. The holder is the same for all mailboxes of a store.
asio::awaitable<void> MailboxLease::load(bool once) {
  auto job = [](Desk& desk) { return desk.store().leases(); };
  const std::vector<LeaseRecord> leases = co_await worker_.run<std::vector<LeaseRecord>>(std::move(job));
  const std::string place = place_of(store_);
  for (const auto& lease : leases) {
    if (record_.mailbox.empty()) record_.holder = lease.holder;
    if (lease.mailbox == settings_.name) record_ = lease;
    if (lease.place == place) board_.note_token(lease.mailbox, lease.token);
  }
  record_.mailbox = settings_.name;
  if (record_.holder.empty()) record_.holder = board_.holder();
  if (record_.place == place) accepted_ = record_.token;
  patience_ = first_patience(record_.place == place);
  watch_ = LeaseWatch(board_.times(), record_.holder, accepted_.empty() ? record_.token : "");
  if (board_.met_copy(settings_.name)) watch_.note_copy();
  if (!once) record_.watched_since.reset();
  record_.place = place;
}

/// A store that never asked for a lease, or that is the very file that this machine had before, sends nothing that
/// another one may have sent; but a desk that stood by has a rival, and a copy may be an old one.
std::chrono::milliseconds MailboxLease::first_patience(bool is_same_place) const {
  const bool stood_by = record_.tenure == Tenure::stand_by;
  if (!stood_by && (record_.token.empty() || is_same_place)) return {};
  const bool is_fresh = system_now() - record_.looked_at <= Duration{board_.times().validity};
  return is_fresh && !stood_by ? board_.times().first_verdict : board_.times().old_verdict;
}

asio::awaitable<void> MailboxLease::try_keeping(bool once) {
  std::string failure;
  bool is_refused = false;
  const std::uint64_t wanted = wanted_;
  tried_at_ = board_.now();
  in_touch_ = false;
  try {
    co_await keep(once);
  } catch (const ImapRefused& error) {
    failure = error.what();
    is_refused = true;
  } catch (const ImapStopped&) {
    // by `stop`
  } catch (const StoreBusy& error) {
    failure = error.what();
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    failure = error.what();
  }
  in_touch_ = false;
  listening_ = false;
  session_.reset();
  own_.reset();
  if (stopping_) co_return;
  trouble_ = failure;
  if (!failure.empty()) co_await note_failure(std::move(failure), is_refused);
  finish_look(wanted);  // whoever has asked since then is owed another one
  if (failures_ == 0) co_return;
  const Duration first = std::min<Duration>(timeouts_.reconnect_first, board_.times().refresh / 4);
  Duration delay = backoff_delay(failures_, first, board_.times().refresh, hooks_.random());
  const auto left = std::chrono::ceil<Duration>(board_.times().validity - board_.age(renewed_at_));
  if (left > Duration::zero()) delay = std::min(delay, left + kAfterTheEnd);  // so that nothing waits then
  co_await pause(delay);
}

asio::awaitable<void> MailboxLease::keep(bool once) {
  co_await await_claim();
  if (stopping_) co_return;
  tried_at_ = board_.now();
  Endpoint endpoint = co_await hooks_.endpoint(settings_.server);
  if (stopping_) co_return;
  session_ = std::make_unique<ImapSession>(network_, std::move(endpoint), lease_limits(), timeouts_);
  session_->listen_for_changes();
  co_await open_folder();
  while (!stopping_ && board_.may_claim(settings_.name)) {
    woken_ = false;
    const std::uint64_t wanted = wanted_;
    co_await look(once);
    failures_ = 0;
    in_touch_ = true;
    trouble_.clear();
    finish_look(wanted);
    if (stopping_ || woken_) continue;
    listening_ = true;
    co_await session_->wait_for_news(watch_.next_look());
    listening_ = false;
  }
  if (!stopping_ || !keeps_) co_await release();
  co_await session_->logout();
}

/// While another one works on the mailbox before this one, nothing is known of this one.
asio::awaitable<void> MailboxLease::await_claim() {
  while (!stopping_ && !board_.may_claim(settings_.name)) {
    if (board_.says() == LeaseBoard::Says::stand_by) {
      if (board_.tenure(settings_.name) != Tenure::unknown) note(Tenure::unknown, board_.now());
      patience_ = board_.times().old_verdict;
    }
    finish_look(wanted_);
    co_await pause(board_.times().refresh);
    waits_since_ = SteadyClock::now();
  }
}

asio::awaitable<void> MailboxLease::open_folder() {
  std::optional<SelectedMailbox> opened = co_await session_->open_and_select(settings_.lease_folder);
  if (!opened) opened = co_await session_->create_and_select(settings_.lease_folder);
  const SelectedMailbox& selected = *opened;
  if (selected.read_only) throw ImapRefused(fmt::format("the folder {} can't be written to", settings_.lease_folder));
  shows_takeovers_ = session_->has("UIDPLUS");
  if (session_->has("IDLE")) watch_.expect_answers();
  if (selected.uid_validity == uid_validity_) co_return;
  uid_validity_ = selected.uid_validity;
  known_.clear();
  const std::string former = accepted_.empty() ? record_.token : "";
  const bool met_copy = watch_.met_copy();
  watch_ = LeaseWatch(board_.times(), record_.holder, former);
  if (met_copy) watch_.note_copy();
  if (session_->has("IDLE")) watch_.expect_answers();
}

/// Of the look that began at `tried_at_`.
asio::awaitable<void> MailboxLease::note_failure(std::string why, bool is_refused) {
  ++failures_;
  LeaseOutage outage;
  outage.tenure = board_.tenure(settings_.name);
  outage.is_stale = board_.is_stale(settings_.name);
  outage.is_tried = board_.age(tried_at_) <= board_.times().validity;
  outage.knows_rival = !record_.rival.empty();
  outage.is_reached = is_refused || is_reached_;
  const bool was_refused = is_refused && record_.tenure == Tenure::unguarded;
  outage.is_patience_over = was_refused || SteadyClock::now() - waits_since_ >= patience_;
  const Tenure tenure = tenure_without_look(outage);
  if (tenure == Tenure::held && outage.is_stale && outage.is_tried) note(tenure, board_.now());
  if (is_refused && tenure == Tenure::unguarded) why += kStopsAsking;
  const bool is_new = tenure != outage.tenure;
  const bool is_known = !is_new && tenure == Tenure::unguarded && record_.detail == why;
  if (is_known || tenure == Tenure::held || tenure == Tenure::unknown) co_return;
  record_.tenure = tenure;
  record_.detail = std::move(why);
  if (is_new && tenure == Tenure::unguarded) log::lease_unknown(settings_.name, record_.detail);
  if (is_new && tenure == Tenure::stand_by) log::lease_lost(settings_.name, record_.rival);
  note(tenure, board_.now());
  try {
    co_await write();
  } catch (const StoreBusy&) {
    // It is only for `status`; the next try notes the same.
  }
}

/// A store that another process has locked for long makes this look none; but for the token, it may know it later.
asio::awaitable<void> MailboxLease::write() {
  record_.looked_at = system_now();
  auto job = [record = record_](Desk& desk) {
    desk.store().write_lease(record);
    return true;
  };
  co_await worker_.run<bool>(std::move(job));
}

asio::awaitable<void> MailboxLease::release() {
  if (!own_) co_return;
  std::vector<Uid> own{*own_};
  own_.reset();
  co_await session_->remove(std::move(own));
}

void MailboxLease::note(Tenure tenure, LeaseBoard::Stamp since) {
  board_.note(settings_.name, tenure, since);
  changed_.cancel();
}

void MailboxLease::finish_look(std::uint64_t wanted) {
  answered_ = std::max(answered_, wanted);
  changed_.cancel();
}

void MailboxLease::wake() {
  woken_ = true;
  pause_.cancel();
  if (listening_ && session_) session_->wake();
}

void MailboxLease::board_changed() {
  changed_.cancel();
  if (ended_) return;
  if (!session_ || !board_.may_claim(settings_.name)) wake();
}

void MailboxLease::refresh() {
  if (listening_) wake();
}

void MailboxLease::stop(bool keeps) {
  stopping_ = true;
  keeps_ = keeps;
  wake();
  changed_.cancel();
  if (ended_) return;
  hard_stop_.expires_after(kStopPatience);
  hard_stop_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && session_) session_->stop();
  });
}

asio::awaitable<void> MailboxLease::await_verdict() {
  const bool is_out_of_touch = !in_touch_ && board_.tenure(settings_.name) != Tenure::unknown;
  if (is_out_of_touch && board_.says() != LeaseBoard::Says::stand_by) co_await await_look();
  co_await await_first_verdict();
}

asio::awaitable<void> MailboxLease::await_first_verdict() {
  const auto is_open = [this] {
    return board_.tenure(settings_.name) == Tenure::unknown && board_.says() != LeaseBoard::Says::stand_by;
  };
  while (!ended_ && !stopping_ && !left_alone_ && is_open()) co_await wait_for_change();
}

/// One that begins from now on.
asio::awaitable<void> MailboxLease::await_look() {
  const std::uint64_t wanted = ++wanted_;
  wake();
  while (!ended_ && !left_alone_ && answered_ < wanted) co_await wait_for_change();
}

void MailboxLease::give_up_waiting() {
  left_alone_ = true;
  changed_.cancel();
}

asio::awaitable<void> MailboxLease::await_turn() {
  while (!ended_ && !stopping_ && !left_alone_ && board_.says() == LeaseBoard::Says::stand_by)
    co_await wait_for_change();
}

/// Where the leases can't be looked at, it waits until they can, or until nothing is left to wait for.
asio::awaitable<bool> MailboxLease::confirm(std::optional<ImapMailboxStatus> told) {
  if (may_file_without_look(told)) co_return true;
  if (once_) bound_waiting();
  co_await await_look();
  const auto is_told = [this] { return in_touch_ && board_.may_file(settings_.name); };
  const auto is_moot = [this] {
    const bool stands_by = board_.says() == LeaseBoard::Says::stand_by;
    return ended_ || left_alone_ || stands_by || board_.tenure(settings_.name) == Tenure::unguarded;
  };
  while (!is_moot() && !is_told()) co_await wait_for_change();
  ++confirmations_;
  last_word_.cancel();
  if (ended_ || left_alone_ || !board_.may_file(settings_.name)) co_return false;
  if (board_.tenure(settings_.name) == Tenure::unguarded) co_return true;
  confirmed_ = std::move(told);
  confirmed_at_ = SteadyClock::now();
  co_return true;
}

/// A lease that is held goes on being held where its connection breaks, and would be waited for until it is over. A
/// timer that has run out can't be cancelled any more: what it says may be of a confirmation that has ended since.
void MailboxLease::bound_waiting() {
  last_word_.expires_after(std::min(board_.times().first_verdict, board_.times().validity / 4));
  const auto word = [this, mine = ++confirmations_, alive = std::weak_ptr(alive_)](auto error) {
    if (!error && !alive.expired() && mine == confirmations_) give_up_waiting();
  };
  last_word_.async_wait(word);
}

/// Where a lease is only marked as deleted (no UIDPLUS), its end changes no number; an old answer proves nothing.
bool MailboxLease::may_file_without_look(const std::optional<ImapMailboxStatus>& told) const {
  if (!board_.may_file(settings_.name)) return false;
  if (board_.tenure(settings_.name) == Tenure::unguarded) return true;
  const bool is_fresh = SteadyClock::now() - confirmed_at_ < board_.times().validity / 2;
  return shows_takeovers_ && is_fresh && told && confirmed_ && is_same(*told, *confirmed_);
}

std::string MailboxLease::hindrance() const {
  if (record_.rival.empty()) return "this desk stands by, for another ticketd works on one of its mailboxes";
  return fmt::format("another ticketd, on {}, works on it: this one stands by", record_.rival);
}

asio::awaitable<void> MailboxLease::pause(Duration longest) {
  if (woken_) {
    woken_ = false;
    co_return;
  }
  pause_.expires_after(longest);
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> MailboxLease::wait_for_change() {
  boost::system::error_code ignored;
  co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace ticketd
