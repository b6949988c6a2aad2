#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/imap/imap_session.h"
#include "daemon/imap/mailbox_lease.h"
#include "daemon/imap/mailbox_ledger.h"

namespace ticketd {

/// What became of the mails of one fetch.
struct Intake {
  std::vector<Uid> processed, failed;  ///< committed; MailboxSettings::processed and ::failed apply
  std::vector<Uid> missing;            ///< nothing of them came
  bool refused = false;                ///< the server answered NO: the others may come when they are asked for alone
  std::optional<Duration> lag;
};

/// Another daemon works on the mailbox, or may do so.
class LeaseLost : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override {
    return "it could not be confirmed that no other ticketd works on the mailbox";
  }
};

/// Fetches mails and has them committed, both at once: while one batch is written, the next one gathers. A batch is
/// whatever has come meanwhile, so that a single mail never waits and a backlog goes in by the hundred; when a full
/// batch waits, nothing more is read from the network.
class MailIntake {
 public:
  /// `queued` is called after each commit that has put something into the outbox. `lease` (may be nullptr) is asked
  /// before each commit; when it is not ours, `take_in` throws LeaseLost, and nothing of the batch is filed.
  MailIntake(ImapSession& session, MailboxLedger& ledger, const MailboxSettings& settings,
             const std::function<void()>& queued, boost::asio::io_context& io, MailboxLease* lease);

  /// Takes in `wanted` (ascending). What had been read when something failed is committed first. The cursor does not
  /// pass `ceiling`: a mail above it is still open.
  boost::asio::awaitable<Intake> take_in(std::vector<Uid> wanted, Uid ceiling);
  /// When `take_in` threw: the mail that the server owed next, which may be what it failed at.
  [[nodiscard]] std::optional<Uid> owed_next() const;

 private:
  struct Batch {
    std::vector<FetchedMail> mails;
    std::size_t octets = 0;
    [[nodiscard]] bool full() const;
  };

  /// INTERNALDATEs of what is no backlog.
  using Arrivals = std::map<Uid, Time>;

  boost::asio::awaitable<void> fetch_all();
  boost::asio::awaitable<void> wait_while(const std::function<bool()>& condition);
  void gather(ImapMail mail);
  [[nodiscard]] bool is_silent(bool backlog, bool late_arrival) const;
  void start_commits();
  boost::asio::awaitable<void> commit_gathered();
  boost::asio::awaitable<void> commit(Batch batch);
  void commits_ended(std::exception_ptr error);
  [[nodiscard]] Uid cursor_with(const Batch& batch);
  void note_filed(const std::vector<FiledMail>& filed, const Arrivals& arrivals, Time now);

  ImapSession& session_;
  MailboxLedger& ledger_;
  const MailboxSettings& settings_;
  const std::function<void()>& queued_;
  boost::asio::io_context& io_;
  MailboxLease* lease_;
  boost::asio::steady_timer changed_;  ///< cancelled whenever a commit has ended
  std::vector<Uid> wanted_;
  Uid ceiling_{};
  std::vector<bool> gathered_;  ///< per element of `wanted_`
  std::vector<bool> committed_;
  std::size_t owed_ = 0;  ///< index of the mail behind the latest that the server spoke of
  Batch batch_;
  Intake intake_;
  bool committing_ = false;
  std::exception_ptr error_;  ///< of a commit
};

}  // namespace ticketd
