#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/imap/mailbox_runner.h"
#include "daemon/net/connection.h"
#include "daemon/net/endpoint_source.h"

namespace ticketd {

/// The mailboxes of one configuration. A reload ends one generation and starts the next. Everything runs on the
/// io_context's thread.
class Generation {
 public:
  struct Callbacks {
    EndpointSource endpoint;
    std::function<void()> ready;   ///< every mailbox has been opened, or the first try has failed
    std::function<void()> queued;  ///< there is something new in the outbox
    std::function<void()> passed;  ///< a mailbox has been looked at: others' news may wait as well, their nudge lost
    std::function<void(const std::string& mailbox)> failed;  ///< that one could not be, and why is in the store
  };
  /// Reads the secrets; throws SecretError when one can't be read. Starts nothing.
  Generation(Network& network, Worker& worker, LeaseBoard& leases, const Settings& settings, Callbacks callbacks);
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// All conversations, until `stop`, or until one ends by an error, which is thrown when the others have ended too. To
  /// be awaited to its end before destruction.
  boost::asio::awaitable<void> run();
  /// One full pass over each mailbox, one after the other; false when one failed or
  /// still has mails without an outcome, which the log says.
  boost::asio::awaitable<bool> run_once();
  /// After `run_once`, when all is sent: others may have the mailboxes.
  boost::asio::awaitable<void> end_leases();
  /// Asks all to end soon. `successors`: of the generation that follows, which goes on with the leases that it has too.
  void stop(std::span<const MailboxSettings> successors = {});
  /// The board of leases says something else than before.
  void leases_changed();
  /// Whoever waits on a lease that may be out of date looks again.
  void refresh_leases();

 private:
  MailboxRunner::Hooks hooks(const Settings& settings, const std::string& mailbox);
  void start(MailboxRunner& mailbox);

  boost::asio::io_context& io_;
  LeaseBoard& leases_;
  std::vector<MailboxSettings> settings_;
  Callbacks callbacks_;
  std::vector<std::unique_ptr<MailboxRunner>> mailboxes_;
  std::size_t running_ = 0;
  std::size_t untried_ = 0;
  boost::asio::steady_timer all_ended_;
  std::exception_ptr error_;
};

}  // namespace ticketd
