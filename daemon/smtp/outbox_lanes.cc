// The connections of the OutboxSender.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/smtp/outbox_policy.h"
#include "daemon/smtp/outbox_sender.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// So many mails per connection must wait before another connection is worth its making.
constexpr std::size_t kMailsPerLane = 4;
/// Connections at most, those that wait for the server included, for each that gets on.
constexpr std::size_t kMostLanes = 4;
constexpr unsigned kMaxStaleConnections = 2;
constexpr Duration kFirstPause = std::chrono::seconds{1};

}  // namespace

std::size_t OutboxSender::connected_lanes() const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->connected; }));
}

/// When a connection that waits for the server counts as one that does not get on; nullopt: it does not wait.
std::optional<OutboxSender::SteadyTime> OutboxSender::stalls_at(const Lane& lane) const {
  const auto since = lane.connected && lane.session ? lane.session->waits_since() : std::nullopt;
  return since ? std::optional(*since + options_.stall) : std::nullopt;
}

std::size_t OutboxSender::stalled_lanes() const {
  const auto is_stalled = [this, now = SteadyClock::now()](const auto& lane) {
    return stalls_at(*lane).value_or(SteadyTime::max()) <= now;
  };
  return static_cast<std::size_t>(std::ranges::count_if(lanes_, is_stalled));
}

/// What waits behind a mail for which the server gives no answer goes by another connection.
void OutboxSender::take_back_announced() {
  for (const auto& lane : lanes_) {
    if (!lane->next || stalls_at(*lane).value_or(SteadyTime::max()) > SteadyClock::now()) continue;
    put_back(std::move(*lane->next));
    lane->next.reset();
  }
}

/// One connection first; a further one only when all have been made, so that a dead server sees one try at a time. A
/// few more are kept for pages.
void OutboxSender::open_lanes() {
  take_back_announced();
  if (queue_.empty()) lane_limit_ = options_.max_connections;
  if (stopping_ || find_job() == queue_.cend()) return;
  for (const auto& lane : lanes_) lane->wake.cancel();
  const std::size_t getting_on = lanes_.size() - stalled_lanes();
  const std::size_t most = (is_page(queue_.front().row) ? kMostLanes + 1 : kMostLanes) * options_.max_connections;
  const bool is_worth_it =
      getting_on == 0 || (connected_lanes() == lanes_.size() && queue_.size() >= kMailsPerLane * getting_on);
  if (is_worth_it && getting_on < lane_limit_ && lanes_.size() < most) start_lane();
}

void OutboxSender::start_lane() {
  auto lane = std::make_shared<Lane>(network_.io());
  lanes_.push_back(lane);
  asio::co_spawn(network_.io(), run_lane(lane), [this, lane](std::exception_ptr error) {
    lanes_.remove(lane);
    if (error && !error_) error_ = error;
    signal();
  });
}

/// An earlier mail is on its way, or will be first.
bool OutboxSender::is_held_back(const OutboxRow& row) const {
  const auto holds = [&row](const std::optional<Job>& job) { return job && follows(row, job->row); };
  return std::ranges::any_of(lanes_, [&](const auto& lane) { return holds(lane->current) || holds(lane->next); }) ||
         std::ranges::any_of(queue_, [&](const Job& job) { return follows(row, job.row); });
}

std::list<OutboxSender::Job>::const_iterator OutboxSender::find_job() const {
  return std::ranges::find_if(queue_, [this](const Job& job) { return !is_held_back(job.row) && may_leave(job.row); });
}

std::optional<OutboxSender::Job> OutboxSender::next_job() {
  const auto found = find_job();
  if (stopping_ || found == queue_.cend()) return std::nullopt;
  std::list<Job> taken;
  taken.splice(taken.begin(), queue_, found);
  return std::move(taken.front());
}

/// Behind all that are no less urgent.
void OutboxSender::enqueue(OutboxRow row) {
  const auto is_ahead = [&row](const Job& job) { return job.row.urgency <= row.urgency; };
  const auto at = std::find_if(queue_.rbegin(), queue_.rend(), is_ahead).base();
  queue_.insert(at, {std::move(row), 0});
}

/// In front of all that are no more urgent.
void OutboxSender::put_back(Job job) {
  const auto at =
      std::ranges::find_if(queue_, [&job](const Job& other) { return other.row.urgency >= job.row.urgency; });
  queue_.insert(at, std::move(job));
}

asio::awaitable<void> OutboxSender::run_lane(std::shared_ptr<Lane> lane) {
  lane->current = next_job();
  while (lane->current) {
    const std::string error = co_await connect(*lane);
    if (!error.empty()) {
      put_back(std::move(*lane->current));
      lane->current.reset();
      if (!stopping_) servers_failed(error);
      co_return;
    }
    const bool is_served = co_await send_jobs(*lane);
    if (!is_served) co_return;
    lane->current = next_job();
    if (lane->current) continue;
    co_await wait_for_mail(*lane);
    lane->current = next_job();
    if (lane->current) signal();  // whoever sleeps knows nothing of how long this one may wait for its answer
  }
  if (lane->session) co_await lane->session->quit();
}

asio::awaitable<std::string> OutboxSender::connect(Lane& lane) {
  if (lane.session && lane.session->usable() && !lane.outdated) co_return std::string{};
  if (lane.session && lane.session->usable()) co_await lane.session->quit();
  lane.connected = lane.outdated = false;
  std::string error = co_await servers_.open(lane.session, stopping_);
  lane.connected = error.empty();
  if (lane.connected) signal();
  co_return error;
}

/// False when no server serves anybody now.
asio::awaitable<bool> OutboxSender::send_jobs(Lane& lane) {
  const SmtpSession::NextMail next = [this, &lane] {
    lane.next = next_job();
    return lane.next ? &lane.next->row.mail : nullptr;
  };
  while (lane.current) {
    if (!may_leave(lane.current->row)) {
      if (lane.session && lane.session->has_announced()) lane.session.reset();
      put_back(std::move(*lane.current));
      lane.current.reset();
      signal();
      break;
    }
    mark_.note_tried(lane.current->row);
    const Delivery delivery = co_await lane.session->send(lane.current->row.mail, next);
    if (delivery.service_closed) co_return leave_server(lane, delivery);
    settle_job(std::move(*lane.current), delivery);
    if (lane.session->has_announced() && !lane.next) lane.session.reset();  // that mail goes another way
    lane.current = std::exchange(lane.next, std::nullopt);
    const bool goes_on = lane.session && lane.session->usable() && !lane.outdated && !stopping_;
    if (!lane.current || goes_on) continue;
    put_back(std::move(*lane.current));
    lane.current.reset();
  }
  co_return true;
}

asio::awaitable<void> OutboxSender::wait_for_mail(Lane& lane) {
  const auto deadline = SteadyClock::now() + options_.idle;
  while (find_job() == queue_.cend() && !stopping_ && !once_ && !lane.outdated && SteadyClock::now() < deadline) {
    lane.wake.expires_at(deadline);
    boost::system::error_code ignored;
    co_await lane.wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void OutboxSender::settle_job(Job job, const Delivery& delivery) {
  mark_.note_answered(job.row, delivery);
  if (delivery.stale_connection && ++job.stale_connections <= kMaxStaleConnections) {
    put_back(std::move(job));
    return signal();
  }
  failures_ = 0;  // there is a server that serves
  paused_until_.reset();
  SendResult result = settle(job.row, delivery, settings_, now_(), random_());
  if (result.next_attempt_at) hand_back_followers(job.row);
  settle_row(job.row, std::move(result));
}

/// It is tried again later: the store knows how long they wait for it.
void OutboxSender::hand_back_followers(const OutboxRow& earlier) {
  queue_.remove_if([&](Job& job) {
    if (!follows(job.row, earlier)) return false;
    settle_row(job.row, hand_back(job.row, "an earlier mail of the ticket waits", now_()));
    return true;
  });
}

void OutboxSender::settle_row(OutboxRow& row, SendResult result) {
  row.mail.octets = {};
  ++unsaved_;
  if (settled_.empty()) settled_since_ = SteadyClock::now();
  settled_.push_back({std::move(result), std::move(row.mail)});
  signal();
}

/// A server that took the connection and then serves nobody is as good as one that can't be reached. False when there
/// is no other.
bool OutboxSender::leave_server(Lane& lane, const Delivery& delivery) {
  mark_.note_leased(lane.current->row);
  put_back(std::move(*lane.current));
  lane.current.reset();
  lane.connected = false;
  const bool is_other_left = servers_.pass_over(lane.session->server());
  if (!stopping_ && !is_other_left)
    servers_failed(fmt::format("{}: {}", lane.session->server(), delivery.recipients.front().text));
  signal();
  return is_other_left;
}

/// While another connection gets on, the server only wants no more of them. Else all that is leased waits for better
/// times, and so does whoever wants to try again.
void OutboxSender::servers_failed(const std::string& error) {
  if (const std::size_t others = connected_lanes() - stalled_lanes(); others > 0) {
    lane_limit_ = others;
    return signal();
  }
  if (!paused()) {
    SmtpSettings pace = settings_;
    pace.retry_first = std::min(kFirstPause, settings_.retry_first);
    pace.retry_max = settings_.retry_first;
    const Duration delay = retry_delay(++failures_, pace, random_());
    paused_until_ = SteadyClock::now() + delay;
    nudged_ = true;
    log::smtp_failed(servers_.name(), error, std::chrono::duration<double>(delay).count());
  }
  for (auto& job : queue_) settle_row(job.row, postpone(job.row, error, settings_, now_(), random_()));
  queue_.clear();
}

}  // namespace ticketd
