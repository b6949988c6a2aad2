#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/imap/imap_session.h"
#include "daemon/imap/lease_board.h"
#include "daemon/imap/lease_watch.h"

namespace ticketd {

/// The lease on one mailbox: a mail of ours in MailboxSettings::lease_folder, which tells every ticketd that reads the
/// same folder whose turn it is, with a connection of its own, so that nothing is in the way of IDLE and batches. What
/// it finds out stands on the LeaseBoard and in the store. On the network's thread.
///
/// Its token is in the store before the mail is on the server: a process that is started anew on the same store, in the
/// same place, knows its own lease and goes on. The place is the machine since its boot and the store's very file,
/// which one process at most has locked.
class MailboxLease {
 public:
  struct Hooks {
    std::function<boost::asio::awaitable<Endpoint>(const ServerSettings&)> endpoint;
    std::function<double()> random;  ///< uniform in [0, 1)
  };
  MailboxLease(Network& network, Worker& worker, LeaseBoard& board, MailboxSettings settings,
               std::filesystem::path store, Hooks hooks, const ImapTimeouts& timeouts);

  /// Until `stop`. Throws StoreError. `once`: a single look will do, unless an earlier pass saw the same.
  boost::asio::awaitable<void> run(bool once);
  /// `keeps`: the lease stays on the server, for the next one of this process.
  void stop(bool keeps);
  /// The board says something else than before.
  void board_changed();
  /// Whether the conversation with the mailbox has its connection.
  void note_server(bool is_reached) { is_reached_ = is_reached; }
  /// Looks again now, if it only waits.
  void refresh();

  /// Nobody waits for anything here any more.
  void give_up_waiting();
  /// Waits until something is known of the mailbox, if it is only that the server can't be reached.
  boost::asio::awaitable<void> await_first_verdict();
  /// Likewise, but where the server could not be reached, a new try decides: whoever asks has reached it.
  boost::asio::awaitable<void> await_verdict();
  /// Waits as long as the desk stands by.
  boost::asio::awaitable<void> await_turn();
  /// Whether mails may be filed that were fetched after `told` (STATUS of the lease folder; nullopt: the server did not
  /// say): the lease is ours, by the word of the server from after that fetch began. A single pass waits for that word
  /// no longer than a server may take at the start: the next pass comes.
  boost::asio::awaitable<bool> confirm(std::optional<ImapMailboxStatus> told);
  /// "another ticketd, on HOST, works on it"
  [[nodiscard]] std::string hindrance() const;
  /// Why the latest look came to nothing; empty when it was a good one.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  boost::asio::awaitable<void> load(bool once);
  boost::asio::awaitable<void> try_keeping(bool once);
  boost::asio::awaitable<void> keep(bool once);
  boost::asio::awaitable<void> await_claim();
  boost::asio::awaitable<void> open_folder();
  boost::asio::awaitable<std::vector<LeaseMail>> see();
  boost::asio::awaitable<void> read_unknown(const std::vector<FlaggedUid>& flagged);
  boost::asio::awaitable<void> look(bool once);
  boost::asio::awaitable<std::vector<LeaseMail>> claim(std::vector<LeaseMail> seen);
  boost::asio::awaitable<void> renew_if_due(const LeaseMail& own, bool may_fail);
  boost::asio::awaitable<void> renew(const LeaseMail& own);
  boost::asio::awaitable<void> publish(const LeaseWatch::Verdict& verdict);
  boost::asio::awaitable<void> note_failure(std::string why, bool is_refused);
  boost::asio::awaitable<void> write();
  boost::asio::awaitable<void> release();
  boost::asio::awaitable<void> pause(Duration longest);
  boost::asio::awaitable<void> wait_for_change();
  boost::asio::awaitable<void> await_look();
  void bound_waiting();
  [[nodiscard]] std::chrono::milliseconds first_patience(bool is_same_place) const;
  [[nodiscard]] bool is_strange(const LeaseMail& own) const;
  [[nodiscard]] bool may_be_dead(const LeaseMail& rival) const;
  [[nodiscard]] bool may_file_without_look(const std::optional<ImapMailboxStatus>& told) const;
  void note(Tenure tenure, LeaseBoard::Stamp since);
  void finish_look(std::uint64_t wanted);
  void wake();

  Network& network_;
  Worker& worker_;
  LeaseBoard& board_;
  MailboxSettings settings_;
  std::filesystem::path store_;
  Hooks hooks_;
  ImapTimeouts timeouts_;
  LeaseRecord record_;
  LeaseWatch watch_;
  std::string folder_;    ///< as lease mails name it
  std::string accepted_;  ///< the token of a mail that may be taken for ours at the start; empty: none
  /// How long nothing is sent, at the start or after another mailbox was won, when the server can't be asked.
  std::chrono::milliseconds patience_{};
  std::chrono::steady_clock::time_point waits_since_{};

  std::unique_ptr<ImapSession> session_;
  UidValidity uid_validity_{};
  std::map<Uid, std::optional<LeaseMail>> known_;  ///< what is in the folder; nullopt: no lease of this mailbox
  bool is_newcomer_there_ = false;                 ///< the latest look found a lease for the first time
  std::optional<Uid> own_;
  std::vector<Uid> orphans_;                            ///< leases of ours that were followed by another one
  std::optional<std::pair<unsigned, unsigned>> marks_;  ///< of our mail: before our latest change, and after it
  LeaseBoard::Stamp tried_at_{};                        ///< the present connection
  LeaseBoard::Stamp looked_at_{};                       ///< the present look began
  LeaseBoard::Stamp renewed_at_{};                      ///< the look that renewed our mail began
  LeaseBoard::Stamp claimed_at_{};
  bool is_reached_ = false;
  bool in_touch_ = false;  ///< the latest look was a good one
  std::string trouble_;
  std::string taken_from_;  ///< the host of a silent one that was in front of us
  std::optional<ImapMailboxStatus> confirmed_;
  std::chrono::steady_clock::time_point confirmed_at_{};
  std::uint64_t confirmations_ = 0;  ///< that have begun, or ended
  bool shows_takeovers_ = false;     ///< whoever takes the lease changes what STATUS says of the folder
  unsigned failures_ = 0;
  std::uint64_t wanted_ = 0, answered_ = 0;  ///< looks
  bool listening_ = false;
  bool woken_ = false;
  bool once_ = false;
  bool stopping_ = false;
  bool keeps_ = false;
  bool left_alone_ = false;
  bool ended_ = false;
  boost::asio::steady_timer pause_, changed_, hard_stop_, last_word_;
  const std::shared_ptr<const bool> alive_ =
      std::make_shared<const bool>(true);  ///< a timer may outlive this by a turn
};

}  // namespace ticketd
