#include "daemon/app/generation.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/endpoint.h"
#include "daemon/log/log.h"
#include "daemon/sources.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

ImapLimits imap_limits(const Settings& settings) {
  ImapLimits limits;
  limits.whole_octets = settings.message_size;
  limits.head_octets = kOversizeKeep;
  return limits;
}

/// A secret that can't be read is found out before anything starts.
void require_all_secrets(const Settings& settings) {
  for (const auto& mailbox : settings.mailboxes) require_secrets(mailbox.server);
  for (const auto& server : settings.smtp.servers) require_secrets(server);
}

}  // namespace

Generation::Generation(Network& network, Worker& worker, LeaseBoard& leases, const Settings& settings,
                       Callbacks callbacks)
    : io_(network.io()),
      leases_(leases),
      settings_(settings.mailboxes),
      callbacks_(std::move(callbacks)),
      untried_(settings.mailboxes.size()),
      all_ended_(io_, asio::steady_timer::time_point::max()) {
  require_all_secrets(settings);
  for (const auto& mailbox : settings.mailboxes)
    mailboxes_.push_back(std::make_unique<MailboxRunner>(network, worker, mailbox, hooks(settings, mailbox.name),
                                                         imap_limits(settings)));
}

MailboxRunner::Hooks Generation::hooks(const Settings& settings, const std::string& mailbox) {
  MailboxRunner::Hooks hooks;
  hooks.endpoint = callbacks_.endpoint;
  hooks.ready = [this] {
    if (--untried_ == 0) callbacks_.ready();
  };
  hooks.queued = callbacks_.queued;
  hooks.passed = callbacks_.passed;
  hooks.failed = [this, mailbox] { callbacks_.failed(mailbox); };
  hooks.random = random_fraction;
  hooks.leases = &leases_;
  hooks.store = settings.store_path;
  return hooks;
}

asio::awaitable<void> Generation::run() {
  leases_.expect(settings_);
  for (const auto& mailbox : mailboxes_) start(*mailbox);
  boost::system::error_code ignored;
  while (running_ > 0) co_await all_ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (error_) std::rethrow_exception(error_);
}

asio::awaitable<bool> Generation::run_once() {
  bool good = true;
  leases_.expect(settings_);
  for (const auto& mailbox : mailboxes_) mailbox->begin_lease(true);
  for (const auto& mailbox : mailboxes_) {
    const std::string error = co_await mailbox->run_once();
    if (!error.empty()) log::mailbox_unfinished(mailbox->name(), error);
    good = good && error.empty();
  }
  for (const auto& mailbox : mailboxes_)
    if (auto* lease = mailbox->lease()) co_await lease->await_first_verdict();  // else nobody knows what may be sent
  co_return good;
}

void Generation::start(MailboxRunner& mailbox) {
  ++running_;
  asio::co_spawn(io_, mailbox.run(), [this](std::exception_ptr error) {
    if (error && !error_) {
      error_ = error;
      stop();  // what one conversation dies of (the store) would kill the others too
    }
    if (--running_ == 0) all_ended_.cancel();
  });
}

asio::awaitable<void> Generation::end_leases() {
  for (const auto& mailbox : mailboxes_) co_await mailbox->end_lease();
}

void Generation::stop(std::span<const MailboxSettings> successors) {
  for (const auto& mailbox : mailboxes_) {
    const std::string key = lease_key(mailbox->settings());
    const bool keeps_lease = std::ranges::find(successors, key, lease_key) != successors.end();
    mailbox->stop(keeps_lease);
  }
}

void Generation::leases_changed() {
  for (const auto& mailbox : mailboxes_)
    if (auto* lease = mailbox->lease()) lease->board_changed();
}

void Generation::refresh_leases() {
  for (const auto& mailbox : mailboxes_)
    if (auto* lease = mailbox->lease()) lease->refresh();
}

}  // namespace ticketd
