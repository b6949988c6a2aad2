// The connections of the OutboxSender.
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
constexpr unsigned kMaxStaleConnections = 2;
constexpr Duration kFirstPause = std::chrono::seconds{1};

}  // namespace

std::size_t OutboxSender::connected_lanes() const {
  return static_cast<std::size_t>(
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->connected; }));
}

/// One connection first; a further one only when all have been made, so that a dead server sees one try at a time.
void OutboxSender::open_lanes() {
  if (queue_.empty()) lane_limit_ = options_.max_connections;
  if (queue_.empty() || stopping_) return;
  for (const auto& lane : lanes_) lane->wake.cancel();
  const bool more = connected_lanes() == lanes_.size() && lanes_.size() < lane_limit_ &&
                    queue_.size() >= kMailsPerLane * lanes_.size();
  if (lanes_.empty() || more) start_lane();
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

std::optional<OutboxSender::Job> OutboxSender::next_job() {
  if (stopping_ || queue_.empty()) return std::nullopt;
  Job job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

asio::awaitable<void> OutboxSender::run_lane(std::shared_ptr<Lane> lane) {
  std::optional<Job> job = next_job();
  while (job) {
    const std::string error = co_await connect(*lane);
    if (!error.empty()) {
      queue_.push_front(std::move(*job));
      if (!stopping_) servers_failed(error);
      co_return;
    }
    co_await send_jobs(*lane, std::move(*job));
    job = next_job();
    if (job) continue;
    co_await wait_for_mail(*lane);
    job = next_job();
  }
  if (lane->session) co_await lane->session->quit();
}

asio::awaitable<std::string> OutboxSender::connect(Lane& lane) {
  if (lane.session && lane.session->usable() && !lane.outdated) co_return std::string{};
  if (lane.session && lane.session->usable()) co_await lane.session->quit();
  lane.connected = lane.outdated = false;
  std::string error = co_await servers_.open(lane.session, stopping_);
  lane.connected = error.empty();
  if (lane.connected) {
    failures_ = 0;
    paused_until_.reset();
    signal();
  }
  co_return error;
}

asio::awaitable<void> OutboxSender::send_jobs(Lane& lane, Job job) {
  std::optional<Job> current = std::move(job);
  while (current) {
    std::optional<Job> next = next_job();
    const OutgoingMail* following = next ? &next->row.mail : nullptr;
    const Delivery delivery = co_await lane.session->send(current->row.mail, following);
    settle_job(std::move(*current), delivery);
    current = std::move(next);
    if (!current || (lane.session->usable() && !lane.outdated && !stopping_)) continue;
    queue_.push_front(std::move(*current));
    current.reset();
  }
}

asio::awaitable<void> OutboxSender::wait_for_mail(Lane& lane) {
  const auto deadline = SteadyClock::now() + options_.idle;
  while (queue_.empty() && !stopping_ && !once_ && !lane.outdated && SteadyClock::now() < deadline) {
    lane.wake.expires_at(deadline);
    boost::system::error_code ignored;
    co_await lane.wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

void OutboxSender::settle_job(Job job, const Delivery& delivery) {
  if (delivery.stale_connection && ++job.stale_connections <= kMaxStaleConnections) {
    queue_.push_front(std::move(job));
    return signal();
  }
  settle_row(job.row, settle(job.row, delivery, settings_, now_(), random_()));
}

void OutboxSender::settle_row(OutboxRow& row, SendResult result) {
  row.mail.octets = {};
  settled_.push_back({std::move(result), std::move(row.mail)});
  signal();
}

/// While another connection works, the server only wants no more of them. Else all that is leased waits for better
/// times, and so does whoever wants to try again.
void OutboxSender::servers_failed(const std::string& error) {
  if (const std::size_t others = connected_lanes(); others > 0) {
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
