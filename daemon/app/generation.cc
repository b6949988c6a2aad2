#include "daemon/app/generation.h"

#include <boost/asio/co_spawn.hpp>
#include <random>

#include "daemon/app/endpoint.h"

namespace ticketd {

namespace {

double random_fraction() {
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

Time system_now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

boost::asio::awaitable<Endpoint> endpoint_of(const ServerSettings& server) { co_return make_endpoint(server); }

ImapLimits imap_limits(const Settings& settings) {
  ImapLimits limits;
  limits.whole_octets = settings.message_size;
  limits.head_octets = kOversizeKeep;
  return limits;
}

/// A secret that can't be read is found out before anything starts.
void require_secrets(const Settings& settings) {
  for (const auto& mailbox : settings.mailboxes) static_cast<void>(make_endpoint(mailbox.server));
  for (const auto& server : settings.smtp.servers) static_cast<void>(make_endpoint(server));
}

}  // namespace

Generation::Generation(Network& network, Worker& worker, const Settings& settings, Callbacks callbacks)
    : io_(network.io()), callbacks_(std::move(callbacks)), untried_(settings.mailboxes.size()) {
  require_secrets(settings);
  for (const auto& mailbox : settings.mailboxes)
    mailboxes_.push_back(std::make_unique<MailboxRunner>(network, worker, mailbox, hooks(), imap_limits(settings)));
  sender_ = std::make_unique<OutboxSender>(network, worker, settings.smtp, endpoint_of, system_now, random_fraction,
                                           OutboxSender::Options{});
}

MailboxRunner::Hooks Generation::hooks() {
  MailboxRunner::Hooks hooks;
  hooks.endpoint = endpoint_of;
  hooks.ready = [this] {
    if (--untried_ == 0) callbacks_.ready();
  };
  hooks.queued = [this] { nudge(); };
  hooks.random = random_fraction;
  return hooks;
}

void Generation::start(bool once) {
  if (once) return watch(run_pass());
  running_ = 0;
  for (const auto& mailbox : mailboxes_) watch(mailbox->run());
  watch(sender_->run());
}

void Generation::stop() {
  for (const auto& mailbox : mailboxes_) mailbox->stop();
  sender_->stop();
}

void Generation::nudge() { sender_->nudge(); }

boost::asio::awaitable<void> Generation::run_pass() {
  for (const auto& mailbox : mailboxes_) {
    const std::string error = co_await mailbox->run_once();
    passes_good_ = passes_good_ && error.empty();
  }
  co_await sender_->run_once();
}

void Generation::watch(boost::asio::awaitable<void> conversation) {
  ++running_;
  boost::asio::co_spawn(io_, std::move(conversation), [this](std::exception_ptr error) { end_one(error); });
}

void Generation::end_one(std::exception_ptr error) {
  if (error && !error_) {
    error_ = error;
    stop();  // what one conversation dies of (the store) would kill the others too
  }
  if (--running_ == 0) callbacks_.ended(error_);
}

}  // namespace ticketd
