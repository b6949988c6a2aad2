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
  std::vector<Uid> missing;                             ///< listed, but nothing could be fetched
  std::optional<Duration> lag;                          ///< INTERNALDATE to commit of the latest mail
  std::string problem;                                  ///< why this look was none to rely on; empty when it was
  std::optional<MailboxHealth::Comparison> comparison;  ///< of the whole mailbox; its instant is that of the noting
};

/// What the server says of its numbers.
struct ServerNumbering {
  UidValidity uid_validity{};
  std::optional<Uid> uid_next;
  Uid highest{};            ///< listed now, and below UIDNEXT
  Uid last{};               ///< listed now
  bool used_again = false;  ///< a UID is known to name another mail than before
  bool agrees = true;       ///< its list tells all that is there, if it matters what was there before
};

/// How the server's numbers fit the ledger's.
struct Opening {
  enum class Kind {
    continued,     ///< the first contact, or a numbering that goes on
    changed,       ///< a new UIDVALIDITY
    used_again,    ///< the same UIDVALIDITY, and its UIDs a second time
    went_back,     ///< a UIDVALIDITY of before
    no_more_room,  ///< the same once too often: nothing is open
    unreliable     ///< nothing is begun with a list that lacks mails: nothing is open
  };
  Kind kind = Kind::continued;
  UidValidity before{};  ///< the ledger's, before
};

/// One mailbox's side of the store, each call one job on the worker thread. Every function throws StoreError.
class MailboxLedger {
 public:
  MailboxLedger(Worker& worker, std::string name, std::string folder, ServerDuties duties);

  /// What is on record of the dates of `listed` (ascending) under this UIDVALIDITY: of the highest of them, a hundred
  /// at most, in descending order. A server that starts again at an older state gives out anew all UIDs from one on, so
  /// what has another mail now is the highest of what is on record and listed: these suffice.
  boost::asio::awaitable<std::vector<DatedUid>> dated(UidValidity server, const std::vector<Uid>& listed);
  /// First contact, a numbering that goes on, or one that begins: in the latter case the ledger begins anew as well.
  boost::asio::awaitable<Opening> open(ServerNumbering server);
  [[nodiscard]] const MailboxState& state() const { return state_; }
  /// It was there before we first looked (service-wide first contact, whatever the server's numbering is now).
  [[nodiscard]] bool is_backlog(Uid uid, std::optional<Time> internal_date) const;
  /// Since the numbers began anew: it came to the server before our first look, and into this mailbox later. An import
  /// of old mail looks like that, and so does a mail that a person has moved here.
  [[nodiscard]] bool is_late_arrival(Uid uid, std::optional<Time> internal_date) const;

  /// Of `uids` that are listed, those without an outcome; one that had vanished has none.
  boost::asio::awaitable<std::vector<Uid>> unrecorded(std::vector<Uid> uids);
  /// Records an outcome without a mail, in a few transactions. `dates` (ascending) tell some of them.
  boost::asio::awaitable<void> record(std::vector<Uid> uids, Outcome outcome, std::string reason,
                                      std::vector<DatedUid> dates = {});
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
  [[nodiscard]] bool is_older_than_us(std::optional<Time> internal_date) const;

  Worker& worker_;
  std::string name_;
  std::string folder_;
  ServerDuties duties_;
  MailboxState state_;
  std::vector<Uid> missing_;
};

}  // namespace ticketd
