#include "daemon/app/generation.h"

#include <boost/asio/co_spawn.hpp>

#include "daemon/app/endpoint.h"

namespace ticketd {

Generation::Generation(Network& network, Worker& worker, const Settings& settings, Callbacks callbacks)
    : io_(network.io()), callbacks_(std::move(callbacks)), untried_(settings.mailboxes.size()) {
  for (const auto& mailbox : settings.mailboxes) {
    MailboxRunner::Callbacks runner_callbacks;
    runner_callbacks.tried = [this] {
      if (--untried_ == 0) callbacks_.ready();
    };
    runner_callbacks.mail_written = [this] { nudge(); };
    mailboxes_.push_back(std::make_unique<MailboxRunner>(network, worker, mailbox, make_endpoint(mailbox.server),
                                                         settings.message_size, std::move(runner_callbacks)));
  }
  std::vector<Endpoint> servers;
  for (const auto& server : settings.smtp.servers) servers.push_back(make_endpoint(server));
  sender_ = std::make_unique<OutboxSender>(network, worker, settings.smtp, std::move(servers));
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
    const bool good = co_await mailbox->run_once();
    passes_good_ = passes_good_ && good;
  }
  const bool sent = co_await sender_->run_once();
  passes_good_ = passes_good_ && sent;
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
