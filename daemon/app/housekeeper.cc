#include "daemon/app/housekeeper.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "daemon/desk/health.h"
#include "daemon/desk/lease_health.h"
#include "daemon/log/log.h"
#include "daemon/service/notify.h"
#include "daemon/sources.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr milliseconds kLongestPace{60'000};
constexpr milliseconds kShortestPace{1'000};
/// What a look counts grows with what is open and unsent: it is to take a hundredth of the worker's time. But one that
/// took long may have done so once.
constexpr int kPausePerLook = 100;
constexpr milliseconds kLongestPause{10'000};
/// So many polls after the start every mailbox must have answered once.
constexpr int kPollsAtStart = 3;
constexpr milliseconds kLongestStart{900'000};
/// The wall clock is slewed by less than this between two looks; a larger step was set by somebody, or slept through.
constexpr Duration kStep = std::chrono::seconds{5};

/// How far the wall clock is ahead of the one that only counts.
Duration clock_offset() {
  return system_now().time_since_epoch() - std::chrono::duration_cast<Duration>(SteadyClock::now().time_since_epoch());
}

}  // namespace

/// What one visit to the store brought.
struct Housekeeper::Visit {
  Desk::TimerRun timers;
  std::vector<Problem> problems;
  std::vector<std::string> hidden;  ///< names of problems that may be there as before
  std::vector<Alarm> alarms;
  std::vector<Hindrance> hindrances;
  bool mail_is_due = false;
  bool busy = false;
  std::chrono::nanoseconds look_took{};

  void look_at(const Settings& settings, Desk& desk) {
    const auto began = SteadyClock::now();
    const auto mailboxes = desk.store().mailbox_health();
    const auto counts = load_counts(desk.store(), settings.ruleset, desk.now());
    const auto leases = desk.store().leases();
    problems = find_problems(settings, mailboxes, leases, counts, desk.now());
    hidden = hidden_lease_problems(settings, mailboxes, leases);
    alarms = desk.store().alarms();
    hindrances = find_hindrances(settings, mailboxes, counts);
    look_took = SteadyClock::now() - began;
  }
};

Housekeeper::Housekeeper(asio::io_context& io, Worker& worker, const Settings& settings, Callbacks callbacks)
    : worker_(worker), callbacks_(std::move(callbacks)), pause_(io), offset_(clock_offset()) {
  set_pace(settings);
}

void Housekeeper::set_pace(const Settings& settings) {
  settings_ = std::make_shared<const Settings>(settings);
  milliseconds shortest = kLongestPace, longest{};
  for (const auto& mailbox : settings.mailboxes) {
    const auto poll = std::chrono::ceil<milliseconds>(mailbox.poll_interval);
    shortest = std::min(shortest, poll);
    longest = std::max(longest, poll);
  }
  pace_ = std::clamp(shortest, kShortestPace, kLongestPace);
  grace_ = std::min(kPollsAtStart * longest, kLongestStart);
  give_grace();
}

/// To mailboxes that are new; those that were there before keep what is left of it, however often a reload comes.
void Housekeeper::give_grace() {
  const auto until = SteadyClock::now() + grace_;
  std::map<std::string, SteadyTime> kept;
  for (const auto& mailbox : settings_->mailboxes) {
    const auto name = silence_of(mailbox);
    const auto before = silent_until_.find(name);
    kept.emplace(name, before == silent_until_.end() ? until : before->second);
  }
  silent_until_ = std::move(kept);
}

asio::awaitable<void> Housekeeper::run() {
  while (!stopping_) {
    nudged_ = false;
    const auto now = SteadyClock::now();
    note_clock(now);
    const bool looks = now >= looked_at_ + pause_after(look_took_);
    co_await visit(looks);
    auto pause = std::chrono::ceil<milliseconds>(looked_at_ + pause_after(look_took_) - now);
    if (looks) pause = std::max(pause, pace_);
    if (!stopping_) co_await wait(pause);
  }
}

milliseconds Housekeeper::pause_after(std::chrono::nanoseconds look) {
  return std::clamp(std::chrono::ceil<milliseconds>(kPausePerLook * look), kShortestPace, kLongestPause);
}

asio::awaitable<void> Housekeeper::run_timers_once() { co_await visit(false); }

asio::awaitable<void> Housekeeper::look_once() {
  patient_ = false;
  co_await visit(true);
}

void Housekeeper::nudge() {
  nudged_ = true;
  pause_.cancel();
}

void Housekeeper::note_failure(const std::string& mailbox) {
  status_.note_failure(mailbox);
  nudge();
}

void Housekeeper::stop() {
  stopping_ = true;
  pause_.cancel();
}

void Housekeeper::use(const Settings& settings) {
  set_pace(settings);
  nudge();
}

/// After a step of the wall clock, the instants of before say nothing: every mailbox may answer anew first.
void Housekeeper::note_clock(SteadyTime now) {
  const Duration offset = clock_offset();
  const Duration step = offset - std::exchange(offset_, offset);
  if (std::chrono::abs(step) < kStep) return;
  for (auto& [name, until] : silent_until_) until = now + grace_;
  set_back_ = set_back_ || step < Duration::zero();
}

asio::awaitable<void> Housekeeper::visit(bool looks_at_health) {
  if (looks_at_health) looked_at_ = SteadyClock::now();
  if (looks_at_health) look_took_ = {};
  const bool set_back = set_back_;
  const auto says = callbacks_.says();
  if (says == LeaseBoard::Says::stand_by) co_await stand_by(looks_at_health);
  if (says == LeaseBoard::Says::wait) co_await await_leases(looks_at_health);
  if (says != LeaseBoard::Says::go) {
    next_.reset();
    co_return;
  }
  auto look = [settings = settings_, looks_at_health, set_back](Desk& desk) {
    Visit visit;
    try {
      if (set_back) desk.bring_forward(settings->smtp.retry_max);
      visit.timers = desk.run_timers();
      visit.busy = visit.timers.is_busy;
      const Time due = std::min(desk.store().next_outbox_due().value_or(Time::max()),
                                desk.store().next_webhook_due().value_or(Time::max()));
      visit.mail_is_due = due <= desk.now();
      if (looks_at_health && !visit.busy) visit.look_at(*settings, desk);
    } catch (const StoreBusy&) {
      visit.busy = true;
    }
    return visit;
  };
  const Visit visited = co_await worker_.run<Visit>(std::move(look));
  for (const TicketId ticket : visited.timers.closed) log::ticket_closed(static_cast<std::int64_t>(ticket));
  if (visited.mail_is_due || set_back) callbacks_.queued();
  callbacks_.visited();
  next_ = visited.timers.next;
  if (!visited.busy) set_back_ = false;
  if (visited.busy || !looks_at_health) co_return;
  look_took_ = visited.look_took;
  std::vector<Problem> problems = with_patience_left(visited.problems, visited.hidden);
  const std::string before = status_.text();
  status_.works(problems, visited.hindrances, *settings_, system_now());
  show_status(before);
  add_standing_problems(problems, visited.hidden, visited.alarms);
  co_await tell(std::move(problems));
}

/// Nothing is due, and admins hear of nothing; but whoever asks how the desk is learns what it waits for.
asio::awaitable<void> Housekeeper::await_leases(bool looks_at_health) {
  if (!looks_at_health) co_return;
  using Found = std::optional<std::vector<Hindrance>>;
  auto look = [settings = settings_](Desk& desk) {
    try {
      return Found(find_hindrances(*settings, desk.store().mailbox_health(), {}));
    } catch (const StoreBusy&) {
      return Found();  // the next look finds the same
    }
  };
  Found hindrances = co_await worker_.run<Found>(std::move(look));
  if (!hindrances) co_return;
  const std::string before = status_.text();
  status_.waits(std::move(*hindrances), *settings_, system_now());
  show_status(before);
}

/// Nothing is due, but that admins hear why. What they were told before stands as it is.
asio::awaitable<void> Housekeeper::stand_by(bool looks_at_health) {
  if (!looks_at_health) co_return;
  using Found = std::optional<std::vector<Problem>>;
  auto look = [settings = settings_](Desk& desk) {
    std::vector<Problem> problems;
    try {
      add_lease_problems(problems, *settings, desk.store().mailbox_health(), desk.store().leases(), desk.now());
      for (const auto& alarm : desk.store().alarms()) {
        const bool is_there = std::ranges::find(problems, alarm.name, &Problem::name) != problems.end();
        if (!is_there && !alarm.is_over) problems.push_back({alarm.name, alarm.text, {}, alarm.count});
      }
    } catch (const StoreBusy&) {
      return Found();  // the next look finds the same
    }
    return Found(std::move(problems));
  };
  Found problems = co_await worker_.run<Found>(std::move(look));
  if (!problems) co_return;
  const std::string before = status_.text();
  status_.stands_by(*problems, *settings_, system_now());
  show_status(before);
  if (!problems->empty()) co_await tell(std::move(*problems));
}

/// What is left of each problem's patience, counted from when it was first seen; that of the hidden ones runs on.
std::vector<Problem> Housekeeper::with_patience_left(std::vector<Problem> problems,
                                                     const std::vector<std::string>& hidden) {
  const auto now = SteadyClock::now();
  std::map<std::string, SteadyTime> seen;
  for (const auto& name : hidden)
    if (const auto before = seen_.find(name); before != seen_.end()) seen.insert(*before);
  for (auto& problem : problems) {
    const auto before = seen_.find(problem.name);
    const auto since = before == seen_.end() ? now : before->second;
    seen.emplace(problem.name, since);
    auto left = problem.patience - std::chrono::duration_cast<Duration>(now - since);
    if (const auto silent = silent_until_.find(problem.name); silent != silent_until_.end())
      left = std::max(left, std::chrono::duration_cast<Duration>(silent->second - now));
    problem.patience = patient_ ? std::max(left, Duration::zero()) : Duration::zero();
  }
  seen_ = std::move(seen);
  return problems;
}

/// Tells the service manager, if it is another one than `before`.
void Housekeeper::show_status(const std::string& before) {
  if (!stopping_ && status_.text() != before) service::notify_status(status_.text());
}

asio::awaitable<void> Housekeeper::tell(std::vector<Problem> problems) {
  auto note = [problems = std::move(problems)](Desk& desk) {
    try {
      return desk.note_problems(problems);
    } catch (const StoreBusy&) {
      return AlarmDecision{};  // the next look finds the same
    }
  };
  const AlarmDecision decided = co_await worker_.run<AlarmDecision>(std::move(note));
  for (const auto& text : decided.raised) log::alarm_raised(text);
  for (const auto& text : decided.over) log::alarm_over(text);
  if (!decided.outgoing.empty()) callbacks_.queued();
}

asio::awaitable<void> Housekeeper::wait(milliseconds longest) {
  if (nudged_) co_return;
  auto sleep = longest;
  if (next_) {
    const auto left = std::chrono::ceil<milliseconds>(*next_ - system_now());
    sleep = std::clamp(left, milliseconds{1}, longest);
  }
  pause_.expires_after(sleep);
  boost::system::error_code ignored;
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace ticketd
