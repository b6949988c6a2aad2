#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/imap/mailbox_runner.h"
#include "daemon/net/connection.h"
#include "daemon/smtp/outbox_sender.h"

namespace ticketd {

/// The conversations that one configuration asks for: a runner per mailbox and the outbox's sender. A reload ends one
/// generation and starts the next. Everything runs on the io_context's thread.
class Generation {
 public:
  struct Callbacks {
    std::function<void()> ready;  ///< every mailbox has logged in, or failed to, once
    std::function<void(std::exception_ptr)>
        ended;  ///< all conversations are over; the first error that ended one, if any
  };
  /// Reads the secrets; throws SecretError when one can't be read. Starts nothing.
  Generation(Network& network, Worker& worker, const Settings& settings, Callbacks callbacks);

  /// Starts all conversations; `once` lets each make one full pass and end.
  void start(bool once);
  /// Asks all to end soon; `ended` tells when they have.
  void stop();
  /// There may be something new in the outbox.
  void nudge();
  /// Did any conversation of a pass fail?
  [[nodiscard]] bool all_passes_good() const { return passes_good_; }

 private:
  MailboxRunner::Hooks hooks();
  boost::asio::awaitable<void> run_pass();
  void watch(boost::asio::awaitable<void> conversation);
  void end_one(std::exception_ptr error);

  boost::asio::io_context& io_;
  Callbacks callbacks_;
  std::vector<std::unique_ptr<MailboxRunner>> mailboxes_;
  std::unique_ptr<OutboxSender> sender_;
  std::size_t running_ = 0;
  std::size_t untried_ = 0;
  std::exception_ptr error_;
  bool passes_good_ = true;
};

}  // namespace ticketd
