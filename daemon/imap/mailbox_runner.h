#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/imap/imap_session.h"
#include "daemon/imap/mail_intake.h"
#include "daemon/imap/mailbox_lease.h"
#include "daemon/imap/mailbox_ledger.h"
#include "daemon/imap/suspects.h"

namespace ticketd {

/// Watches one mailbox: every UID that the server lists and the ledger does not know is fetched and filed, and then
/// what the settings say is done with it on the server. Reconnects for ever. All on the network's thread.
class MailboxRunner {
 public:
  struct Hooks {
    /// Where to connect and with which secret; asked before each connection. May throw std::runtime_error.
    std::function<boost::asio::awaitable<Endpoint>(const ServerSettings&)> endpoint;
    /// Once: when what comes from now on is no backlog, or the first try has failed.
    std::function<void()> ready;
    /// The outbox has something new.
    std::function<void()> queued;
    /// The mailbox has been looked at.
    std::function<void()> passed;
    /// It could not be, and why is in the store.
    std::function<void()> failed;
    /// Uniform in [0, 1).
    std::function<double()> random;
    /// Nullptr: nobody asks who else reads the mailbox.
    LeaseBoard* leases = nullptr;
    std::filesystem::path store;  ///< its file, by which a lease is known again
  };
  MailboxRunner(Network& network, Worker& worker, MailboxSettings settings, Hooks hooks, const ImapLimits& limits = {},
                const ImapTimeouts& timeouts = {});

  /// Until `stop`. Throws StoreError alone: then the daemon must end. While another daemon has the lease on the
  /// mailbox, or on another one of this desk, nothing is taken in.
  boost::asio::awaitable<void> run();
  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] const MailboxSettings& settings() const { return settings_; }
  /// One full look at the mailbox, without waiting. Returns what went wrong, and what is missing still; empty when all
  /// went well.
  boost::asio::awaitable<std::string> run_once();
  /// Around `run_once`: the lease is ours from before it until all is sent.
  void begin_lease(bool once);
  boost::asio::awaitable<void> end_lease();
  /// What is being committed is committed, the connection says good-bye, `run` returns. `keeps_lease`: for the next
  /// runner of this process.
  void stop(bool keeps_lease = false);
  [[nodiscard]] MailboxLease* lease() { return lease_.get(); }  ///< may be nullptr

 private:
  struct Attempt {
    std::string error;           ///< empty: stopped, or done
    bool saw_mailbox = false;    ///< all of it but for suspects
    bool found_suspect = false;  ///< it broke over a mail that it did not break over before: the next one gets further
    bool renumbered = false;     ///< the ledger has begun anew: so does the next one
    bool stands_by = false;      ///< another daemon works on the mailbox
  };

  boost::asio::awaitable<Attempt> attempt(bool once);
  boost::asio::awaitable<void> keep_trying();
  boost::asio::awaitable<void> work(bool once);
  boost::asio::awaitable<void> await_lease();
  void require_lease() const;
  void note_lease_lost();
  boost::asio::awaitable<void> connect();
  boost::asio::awaitable<std::vector<Uid>> open_mailbox();
  boost::asio::awaitable<std::vector<Uid>> list_all(SelectedMailbox& selected);
  boost::asio::awaitable<bool> is_used_again(const std::vector<Uid>& listed);
  void judge(const Opening& opening, const ServerNumbering& server);
  void note_disagreement(std::size_t listed);
  boost::asio::awaitable<void> watch();
  boost::asio::awaitable<void> pass(std::vector<Uid> listed, Uid first);
  boost::asio::awaitable<void> note_pass(PassReport report, const std::vector<Uid>& unknown);
  boost::asio::awaitable<void> record_vanished(const std::vector<Uid>& listed, Uid first, PassReport& report);
  boost::asio::awaitable<std::vector<Uid>> without_ignored_backlog(std::vector<Uid> wanted);
  boost::asio::awaitable<void> take_in(std::vector<Uid> wanted, PassReport& report);
  boost::asio::awaitable<Intake> fetch(std::vector<Uid> wanted, Uid ceiling);
  boost::asio::awaitable<void> fetch_singly(std::vector<Uid> suspects, PassReport& report);
  boost::asio::awaitable<void> catch_up_on_actions();
  boost::asio::awaitable<void> act(const AfterwardsSettings& what, std::vector<Uid> uids);
  boost::asio::awaitable<void> perform(const AfterwardsSettings& what, std::vector<Uid> uids);
  boost::asio::awaitable<void> note_failure(std::string error);
  boost::asio::awaitable<void> pause(Duration delay);
  void tell_ready();

  Network& network_;
  MailboxSettings settings_;
  Hooks hooks_;
  ImapLimits limits_;
  ImapTimeouts timeouts_;
  MailboxLedger ledger_;
  Suspects suspects_;
  Attempt attempt_;                       ///< the present one
  UidValidity uid_validity_{};            ///< the server's
  std::optional<std::uint32_t> counted_;  ///< by the server, when the whole mailbox was listed for this look
  std::string disagreement_;              ///< between the server's list and its own count; empty: none
  std::unique_ptr<ImapSession> session_;
  std::unique_ptr<MailboxLease> lease_;
  std::exception_ptr lease_error_;
  bool lease_runs_ = false;
  bool keeps_lease_ = false;
  bool once_ = false;
  bool is_known_ = false;  ///< the ledger knows the mailbox: what comes from now on is new to us, too
  boost::asio::steady_timer lease_ended_;
  boost::asio::steady_timer pause_;
  bool ready_told_ = false;
  bool stopping_ = false;
};

}  // namespace ticketd
