#include "daemon/smtp/outbox_sender.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/smtp/outbox_policy.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kStoreBusyPause{200};
/// So long results wait for others, while mails are on their way: each visit to the store ends with a sync of the disk,
/// for which the mail server may be waiting as well.
constexpr std::chrono::milliseconds kGatherResults{100};
/// Deadlines are instants of the wall clock, which may jump; and a nudge may be lost.
constexpr Duration kLongestSleep = std::chrono::minutes{5};
constexpr Duration kShortestSleep = std::chrono::milliseconds{1};
/// The store's word that a row is due, without giving it out, is believed once a second.
constexpr Duration kNoRowPause = std::chrono::seconds{1};
/// So many are leased at a time while less urgent mails wait in memory.
constexpr std::size_t kUrgentRows = 10;
/// So often they are looked for: after a nudge, and without one, for they come due as time passes.
constexpr std::chrono::milliseconds kAheadAfterNudge{100};
constexpr std::chrono::milliseconds kAheadUnasked{1000};

}  // namespace

OutboxSender::OutboxSender(Network& network, Worker& worker, SendMark& mark, SmtpSettings settings,
                           EndpointSource endpoints, NowSource now, RandomSource random, Options options)
    : network_(network),
      worker_(worker),
      mark_(mark),
      settings_(std::move(settings)),
      servers_(network, settings_.servers, std::move(endpoints), options.timeouts),
      now_(std::move(now)),
      random_(std::move(random)),
      options_(std::move(options)),
      lane_limit_(options_.max_connections),
      change_(network.io()) {}

asio::awaitable<void> OutboxSender::run() { co_await loop(); }

asio::awaitable<bool> OutboxSender::run_once() {
  once_ = now_();
  nudged_ = true;
  co_await loop();
  once_.reset();
  co_return failures_ == 0 && !stopping_;
}

void OutboxSender::nudge() {
  nudged_ = ahead_nudged_ = true;
  signal();
}

void OutboxSender::stop() {
  stopping_ = true;
  stop_deadline_ = SteadyClock::now() + options_.stop_grace;
  signal();
}

void OutboxSender::use(SmtpSettings settings) {
  settings_ = std::move(settings);
  servers_.use(settings_.servers);
  for (const auto& lane : lanes_) {
    lane->outdated = true;
    lane->wake.cancel();
  }
  paused_until_.reset();
  nudge();
}

void OutboxSender::signal() {
  changed_ = true;
  change_.cancel();
}

asio::awaitable<void> OutboxSender::loop() {
  while (!done()) {
    changed_ = false;
    hand_back_barred();
    Room wanted = room();
    if (wanted.not_before > SteadyClock::now()) wanted = {};
    if (store_busy_until_ && *store_busy_until_ <= SteadyClock::now()) store_busy_until_.reset();
    const bool settles = settles_at().value_or(SteadyTime::max()) <= SteadyClock::now();
    if (!error_ && !store_busy_until_ && (wanted.rows > 0 || settles)) co_await visit_store(wanted);
    if (stopping_ || error_) wind_up();
    open_lanes();
    if (!done()) co_await wait_for_change();
  }
  if (error_) std::rethrow_exception(error_);
}

bool OutboxSender::done() const {
  if (!lanes_.empty()) return false;
  if (error_) return true;
  if (!queue_.empty() || !settled_.empty()) return false;
  return stopping_ || (once_ && (paused() || !due() || may() == May::nothing));
}

bool OutboxSender::paused() const { return paused_until_ && *paused_until_ > SteadyClock::now(); }

bool OutboxSender::due() const { return nudged_ || (next_due_ && *next_due_ <= once_.value_or(now_())); }

/// When the store is to hear of results; nullopt: there are none.
std::optional<OutboxSender::SteadyTime> OutboxSender::settles_at() const {
  if (settled_.empty()) return std::nullopt;
  const bool is_sending = std::ranges::any_of(lanes_, [](const auto& lane) { return lane->current.has_value(); });
  const bool waits = is_sending && !stopping_ && settled_.size() < options_.batch;
  return waits ? settled_since_ + kGatherResults : settled_since_;
}

/// Rows that all wait for earlier ones of their tickets keep no others away, as long as they are not too many for
/// SendMark.
bool OutboxSender::queue_is_full() const {
  constexpr std::size_t kMostHeldBatches = 5;
  if (queue_.size() <= options_.batch / 2) return false;
  return queue_.size() > kMostHeldBatches * options_.batch || find_job() != queue_.cend();
}

/// What is more urgent than mails in the queue does not wait until those have left; pages have room of their own.
/// Nullopt: the queue takes no more.
std::optional<Urgency> OutboxSender::goes_ahead() const {
  const Urgency last = queue_.back().row.urgency;
  if (last == Urgency::page) return std::nullopt;
  if (queue_.size() < 2 * options_.batch) return static_cast<Urgency>(static_cast<std::int64_t>(last) - 1);
  const auto is_for_pager = [](const Job& job) { return is_page(job.row); };
  const auto pages = static_cast<std::size_t>(std::ranges::count_if(queue_, is_for_pager));
  return pages < options_.batch ? std::optional(Urgency::page) : std::nullopt;
}

/// After an outage one row goes ahead of the others.
OutboxSender::Room OutboxSender::room() const {
  const May allowed = may();
  if (stopping_ || error_ || paused() || allowed == May::nothing) return {};
  if (allowed == May::alarms) return {due() && queue_.empty() ? kUrgentRows : 0, Urgency::news, true};
  if (failures_ > 0) return {queue_.empty() && due() ? std::size_t{1} : 0};
  if (!queue_is_full()) return {due() ? options_.batch : 0};
  const auto least = goes_ahead();
  if (!least) return {};
  return {kUrgentRows, *least, false, looked_at_ + (ahead_nudged_ ? kAheadAfterNudge : kAheadUnasked)};
}

asio::awaitable<void> OutboxSender::visit_store(Room room) {
  if (room.rows > 0) {
    looked_at_ = SteadyClock::now();
    ahead_nudged_ = false;
    if (!room.goes_ahead()) nudged_ = false;
  }
  std::vector<Settled> settled = std::exchange(settled_, {});
  std::vector<SendResult> results;
  for (const auto& row : settled) results.push_back(row.result);
  Visit visited;
  try {
    visited = co_await visit(std::move(results), room);
  } catch (...) {
    error_ = std::current_exception();
    co_return;
  }
  if (visited.marked)
    note_saved(settled);
  else
    settled_.insert(settled_.begin(), std::make_move_iterator(settled.begin()), std::make_move_iterator(settled.end()));
  take_leased(std::move(visited), room);
}

asio::awaitable<OutboxSender::Visit> OutboxSender::visit(std::vector<SendResult> results, Room room) {
  auto job = [results = std::move(results), room, now = now_(), due_at = once_.value_or(now_()),
              since = options_.alarms_since](Desk& desk) {
    auto& store = desk.store();
    Visit visit;
    try {
      Store::Transaction transaction(store);  // one sync of the disk for all of it
      if (!results.empty()) store.mark_results(results, now);
      if (room.rows > 0)
        visit.leased = room.alarms_only ? store.lease_alarms(due_at, since, room.rows)
                                        : store.lease_outbox(due_at, room.rows, room.least);
      visit.next_due = store.next_outbox_due();
      transaction.commit();
      visit.marked = true;
    } catch (const StoreBusy&) {
      visit = Visit();
      visit.busy = true;
    }
    return visit;
  };
  Visit visit = co_await worker_.run<Visit>(std::move(job));
  co_return std::move(visit);
}

void OutboxSender::take_leased(Visit visit, Room room) {
  const std::size_t count = visit.leased.size();
  for (auto& row : visit.leased) {
    mark_.note_leased(row);
    enqueue(std::move(row));
  }
  store_busy_until_.reset();
  if (visit.busy) {
    store_busy_until_ = SteadyClock::now() + kStoreBusyPause;
    if (room.rows > 0) ahead_nudged_ = true;
    if (room.rows > 0 && !room.goes_ahead()) nudged_ = true;
    return;
  }
  const Time now = once_.value_or(now_());
  next_due_ = std::min(visit.next_due.value_or(Time::max()), now + kLongestSleep);
  if (room.rows == 0) return;
  if (count == room.rows && room.goes_ahead()) looked_at_ = {};  // there may be more
  if (room.goes_ahead()) return;
  if (count == room.rows) nudged_ = true;
  if (room.alarms_only && count == 0) next_due_ = now + kLongestSleep;  // a new alarm comes with a nudge
  if (count == 0 && next_due_ && *next_due_ <= now) next_due_ = now + kNoRowPause;
}

bool OutboxSender::may_leave(const OutboxRow& row) const {
  const May allowed = may();
  const bool is_alarm = row.mail.kind == OutboxKind::admin && row.waiting_since >= options_.alarms_since;
  return allowed == May::all || (allowed == May::alarms && is_alarm);
}

/// What was leased before is not ours to send any more.
void OutboxSender::hand_back_barred() {
  if (may() == May::all) return;
  queue_.remove_if([this](Job& job) {
    if (may_leave(job.row)) return false;
    settle_row(job.row, hand_back(job.row, "another ticketd works on a mailbox, or may do so", now_()));
    return true;
  });
}

void OutboxSender::note_saved(const std::vector<Settled>& settled) {
  unsaved_ -= settled.size();
  for (const auto& [result, mail] : settled) {
    mark_.forget(mail.message_id);
    std::optional<std::int64_t> ticket;
    if (mail.ticket) ticket = static_cast<std::int64_t>(*mail.ticket);
    if (result.state == OutboxState::sent)
      log::mail_sent(result.id, ticket, name_of(mail.kind), mail.message_id);
    else
      log::mail_not_sent(result.id, ticket, name_of(mail.kind), mail.message_id, name_of(result.state), result.error);
  }
}

OutboxSender::SteadyTime OutboxSender::wake_at() const {
  SteadyTime at = stop_deadline_.value_or(SteadyTime::max());
  for (const auto& lane : lanes_)
    if (const auto stall = stalls_at(*lane); stall && *stall > SteadyClock::now()) at = std::min(at, *stall);
  if (store_busy_until_) at = std::min(at, *store_busy_until_);
  if (!store_busy_until_ && !error_) at = std::min(at, settles_at().value_or(SteadyTime::max()));
  if (paused()) return std::min(at, *paused_until_);
  if (const Room wanted = room(); !store_busy_until_ && wanted.rows > 0)  // since the last look, or before long
    at = std::min(at, std::max(wanted.not_before, SteadyClock::now()));
  if (stopping_ || error_ || due() || !next_due_) return at;  // due, but the queue is full: the lanes wake us
  const Duration sleep = std::clamp(*next_due_ - now_(), kShortestSleep, kLongestSleep);
  return std::min(at, SteadyClock::now() + sleep);
}

asio::awaitable<void> OutboxSender::wait_for_change() {
  if (changed_) co_return;
  change_.expires_at(wake_at());
  boost::system::error_code ignored;
  co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// What waits is woken, what is not on its way goes back, and after the time of grace nothing is waited for any more.
void OutboxSender::wind_up() {
  if (!stopping_) stop();
  const bool now = stop_deadline_ && *stop_deadline_ <= SteadyClock::now();
  if (now) stop_deadline_.reset();
  for (const auto& lane : lanes_) {
    lane->wake.cancel();
    if (now && lane->session) lane->session->interrupt();
  }
  if (!lanes_.empty()) return;
  for (auto& job : queue_) settle_row(job.row, hand_back(job.row, "ticketd was stopped", now_()));
  queue_.clear();
}

}  // namespace ticketd
