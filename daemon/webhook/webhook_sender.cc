#include "daemon/webhook/webhook_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/log/log.h"
#include "daemon/smtp/outbox_policy.h"
#include "rules/webhook.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kStoreBusyPause{200};
/// Deadlines are instants of the wall clock, which may jump; and a nudge may be lost.
constexpr Duration kLongestSleep = std::chrono::minutes{5};
constexpr Duration kShortestSleep = std::chrono::milliseconds{1};

HttpRequest request_for(const StaffMember& member, const OutgoingMail& page, std::chrono::milliseconds timeout) {
  HttpRequest request;
  request.url = member.webhook;
  request.header = {"Content-Type: application/json", "User-Agent: ticketd/" TICKETD_VERSION,
                    "X-Ticketd-Delivery: " + page.message_id};
  if (!member.webhook_secret_file.empty())
    request.header.push_back("X-Ticketd-Secret: " + read_secret(member.webhook_secret_file));
  request.body = page.octets;
  request.timeout = timeout;
  return request;
}

/// RFC 9110 §15: done; not now; never, as long as the configuration stays as it is.
DeliveryState state_of(int status) {
  if (status >= 200 && status < 300) return DeliveryState::sent;
  const bool is_for_now = status >= 500 || status == 408 || status == 425 || status == 429;
  return is_for_now ? DeliveryState::transient : DeliveryState::permanent;
}

}  // namespace

WebhookSender::WebhookSender(Network& network, Worker& worker, const Settings& settings, NowSource now,
                             RandomSource random, Options options)
    : network_(network),
      worker_(worker),
      ruleset_(settings.ruleset),
      pace_(settings.smtp),
      now_(std::move(now)),
      random_(std::move(random)),
      options_(std::move(options)),
      change_(network.io()) {}

asio::awaitable<void> WebhookSender::run() { co_await loop(); }

asio::awaitable<void> WebhookSender::run_once() {
  once_ = now_();
  nudged_ = true;
  co_await loop();
  once_.reset();
}

void WebhookSender::nudge() {
  nudged_ = true;
  signal();
}

void WebhookSender::stop() {
  stopping_ = true;
  stop_deadline_ = SteadyClock::now() + options_.stop_grace;
  signal();
}

void WebhookSender::use(const Settings& settings) {
  ruleset_ = settings.ruleset;
  pace_ = settings.smtp;
  nudge();
}

void WebhookSender::signal() {
  changed_ = true;
  change_.cancel();
}

bool WebhookSender::due() const { return nudged_ || (next_due_ && *next_due_ <= once_.value_or(now_())); }

bool WebhookSender::done() const {
  if (!calls_.empty()) return false;
  if (error_) return true;
  return settled_.empty() && (stopping_ || (once_ && (!due() || !may_call())));
}

asio::awaitable<void> WebhookSender::loop() {
  while (!done()) {
    changed_ = false;
    if (store_busy_until_ && *store_busy_until_ <= SteadyClock::now()) store_busy_until_.reset();
    const bool has_room = !stopping_ && due() && calls_.size() < options_.max_calls && may_call();
    if (!error_ && !store_busy_until_ && (has_room || !settled_.empty())) co_await visit_store();
    if (stopping_ || error_) interrupt_late_calls();
    if (!done()) co_await wait_for_change();
  }
  if (error_) std::rethrow_exception(error_);
}

asio::awaitable<void> WebhookSender::visit_store() {
  const std::size_t room = stopping_ || !may_call() ? 0 : options_.max_calls - calls_.size();
  if (room > 0) nudged_ = false;
  std::vector<SendResult> results;
  for (const auto& row : settled_) results.push_back(row.result);
  auto job = [results = std::move(results), room, now = now_(), due_at = once_.value_or(now_())](Desk& desk) {
    Visit visit;
    try {
      if (!results.empty()) desk.store().mark_results(results, now);
      visit.marked = true;
      if (room > 0) visit.leased = desk.store().lease_webhooks(due_at, room);
      visit.next_due = desk.store().next_webhook_due();
    } catch (const StoreBusy&) {
      visit.busy = true;
    }
    return visit;
  };
  const std::size_t written = settled_.size();
  Visit visit;
  try {
    visit = co_await worker_.run<Visit>(std::move(job));
  } catch (...) {
    error_ = std::current_exception();
    co_return;
  }
  if (visit.marked) note_saved(written);
  const bool may_be_more = room > 0 && visit.leased.size() == room;
  for (auto& row : visit.leased) start(std::move(row));
  if (visit.busy) {
    store_busy_until_ = SteadyClock::now() + kStoreBusyPause;
    nudged_ = nudged_ || room > 0;
    co_return;
  }
  next_due_ = std::min(visit.next_due.value_or(Time::max()), now_() + kLongestSleep);
  if (may_be_more) nudged_ = true;
}

void WebhookSender::note_saved(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [result, page] = settled_[i];
    std::optional<std::int64_t> ticket;
    if (page.ticket) ticket = static_cast<std::int64_t>(*page.ticket);
    if (result.state == OutboxState::sent)
      log::mail_sent(result.id, ticket, name_of(page.kind), page.message_id);
    else
      log::mail_not_sent(result.id, ticket, name_of(page.kind), page.message_id, name_of(result.state), result.error);
  }
  settled_.erase(settled_.begin(), settled_.begin() + static_cast<std::ptrdiff_t>(count));
}

void WebhookSender::start(OutboxRow row) {
  auto call = std::make_shared<Call>();
  const auto& recipient = row.mail.recipients.front();
  call->outcome.recipient = recipient;
  if (const auto* member = find_webhook(recipient, ruleset_); member == nullptr) {
    call->outcome.state = DeliveryState::permanent;
    call->outcome.text = "the configuration names no such webhook any more";
  } else {
    try {
      call->http = std::make_unique<HttpCall>(network_, request_for(*member, row.mail, options_.timeout));
    } catch (const std::exception& error) {  // the secret can't be read
      call->outcome.text = error.what();
    }
  }
  call->row = std::move(row);
  calls_.push_back(call);
  asio::co_spawn(network_.io(), make(call), [this, call](std::exception_ptr error) {
    calls_.remove(call);
    if (error && !error_) error_ = error;
    if (!error) settle(*call);
    signal();
  });
}

asio::awaitable<void> WebhookSender::make(std::shared_ptr<Call> call) {
  if (!call->http) co_return;
  try {
    const HttpAnswer answer = co_await call->http->run();
    call->outcome.state = state_of(answer.status);
    call->outcome.text = fmt::format("HTTP {}{}{}", answer.status, answer.text.empty() ? "" : ": ", answer.text);
  } catch (const NetError& error) {
    call->outcome.state = DeliveryState::transient;
    call->outcome.text = error.what();
  }
  call->http.reset();
}

void WebhookSender::settle(const Call& call) {
  Delivery delivery;
  delivery.recipients = {call.outcome};
  OutgoingMail page = call.row.mail;
  page.octets.clear();
  settled_.push_back({ticketd::settle(call.row, delivery, pace_, now_(), random_()), std::move(page)});
}

/// After the time of grace nothing is waited for any more.
void WebhookSender::interrupt_late_calls() {
  if (!error_ && stop_deadline_ && *stop_deadline_ > SteadyClock::now()) return;
  stop_deadline_.reset();
  for (const auto& call : calls_)
    if (call->http) call->http->interrupt();
}

WebhookSender::SteadyTime WebhookSender::wake_at() const {
  SteadyTime at = stop_deadline_.value_or(SteadyTime::max());
  if (store_busy_until_) at = std::min(at, *store_busy_until_);
  const bool has_room = !stopping_ && !error_ && calls_.size() < options_.max_calls && may_call();
  if (!store_busy_until_ && due() && has_room) return SteadyClock::now();  // it came due since the last look
  if (stopping_ || error_ || due() || !next_due_) return at;  // due, but there is no room: the calls wake us
  const Duration sleep = std::clamp(*next_due_ - now_(), kShortestSleep, kLongestSleep);
  return std::min(at, SteadyClock::now() + sleep);
}

asio::awaitable<void> WebhookSender::wait_for_change() {
  if (changed_) co_return;
  change_.expires_at(wake_at());
  boost::system::error_code ignored;
  co_await change_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace ticketd
