// Whose turn it is.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/imap/mailbox_runner.h"

namespace ticketd {

namespace asio = boost::asio;

asio::awaitable<void> MailboxRunner::run() {
  begin_lease(false);
  std::exception_ptr error;
  try {
    co_await keep_trying();
  } catch (...) {
    error = std::current_exception();
  }
  co_await end_lease();
  if (error) std::rethrow_exception(error);
}

void MailboxRunner::begin_lease(bool once) {
  once_ = once;
  if (!lease_) return;
  lease_runs_ = true;
  asio::co_spawn(network_.io(), lease_->run(once), [this](std::exception_ptr error) {
    lease_runs_ = false;
    lease_error_ = error;
    if (error) stop();  // the store is broken
    lease_ended_.cancel();
  });
}

asio::awaitable<void> MailboxRunner::end_lease() {
  if (!lease_) co_return;
  if (lease_runs_) lease_->stop(keeps_lease_);
  boost::system::error_code ignored;
  while (lease_runs_) co_await lease_ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (lease_error_) std::rethrow_exception(lease_error_);
}

/// Whoever stands by looks at the mailbox once, so that what comes meanwhile is no backlog when it takes over.
asio::awaitable<void> MailboxRunner::await_lease() {
  if (!lease_) co_return;
  session_->ask_about(settings_.lease_folder);
  co_await lease_->await_verdict();
  if (stopping_) throw ImapStopped();
  const bool stands_by = hooks_.leases->says() == LeaseBoard::Says::stand_by;
  if (stands_by && !std::exchange(is_known_, true)) co_await open_mailbox();
  require_lease();
}

void MailboxRunner::require_lease() const {
  if (lease_ && hooks_.leases->says() == LeaseBoard::Says::stand_by) throw LeaseLost();
}

void MailboxRunner::note_lease_lost() {
  attempt_.stands_by = hooks_.leases->says() == LeaseBoard::Says::stand_by;
  if (attempt_.stands_by) return;
  attempt_.error = LeaseLost().what();
  if (lease_ && !lease_->trouble().empty()) attempt_.error += ": " + lease_->trouble();
}

}  // namespace ticketd
