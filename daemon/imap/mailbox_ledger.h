#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/desk/worker.h"

namespace ticketd {

/// What one look at the mailbox brought, for the ledger and for `status`.
struct PassReport {
  Uid cursor{};
  std::vector<Uid> missing;     ///< listed, but nothing could be fetched
  std::optional<Duration> lag;  ///< INTERNALDATE to commit of the latest mail
};

/// One mailbox's side of the store, each call one job on the worker thread. Every function throws StoreError.
class MailboxLedger {
 public:
  MailboxLedger(Worker& worker, std::string name, ServerDuties duties);

  /// First contact, a known UIDVALIDITY or a new one; `watermark` is the highest UID there now. Returns the UIDVALIDITY
  /// that was in force before when it is another one.
  boost::asio::awaitable<std::optional<UidValidity>> open(UidValidity validity, Uid watermark);
  [[nodiscard]] const MailboxState& state() const { return state_; }
  /// It was there before we first looked (service-wide first contact, whatever the server's numbering is now).
  [[nodiscard]] bool is_backlog(Uid uid, std::optional<Time> internal_date) const;

  /// Of `uids`, those without an outcome.
  boost::asio::awaitable<std::vector<Uid>> unrecorded(std::vector<Uid> uids);
  /// Records an outcome without a mail, in a few transactions.
  boost::asio::awaitable<void> record(std::vector<Uid> uids, Outcome outcome, std::string reason);
  /// One transaction. A mail without a date gets the present one.
  boost::asio::awaitable<std::vector<FiledMail>> file(std::vector<FetchedMail> mails, Uid cursor);
  /// What is committed and not yet done on the server.
  boost::asio::awaitable<std::vector<LedgerEntry>> pending_actions();
  boost::asio::awaitable<void> mark_done(std::vector<Uid> uids);
  /// Listed, and not to be had for now: not forgotten whatever becomes of this look at the mailbox.
  boost::asio::awaitable<void> note_missing(Uid uid);
  /// A good look at the mailbox.
  boost::asio::awaitable<void> note_pass(PassReport report);
  boost::asio::awaitable<void> note_failure(std::string error);
  /// Listed at the latest look, without an outcome; ascending.
  [[nodiscard]] const std::vector<Uid>& missing() const { return missing_; }

 private:
  Worker& worker_;
  std::string name_;
  ServerDuties duties_;
  MailboxState state_;
  std::vector<Uid> missing_;
};

}  // namespace ticketd
