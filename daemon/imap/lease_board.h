#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/imap/lease_watch.h"
#include "store/lease_record.h"

namespace ticketd {

/// What the leases on all mailboxes say together: may this daemon act? One per process; on the network's thread.
class LeaseBoard {
 public:
  enum class Says {
    go,
    wait,     ///< nobody knows yet, or no more: a lease that was ours was not renewed for as long as it holds
    stand_by  ///< another one works on a mailbox of ours
  };
  /// Time that goes on while the process, or the machine, is stopped, and the wall clock beside it, which tells of a
  /// virtual machine that was frozen and put right again.
  struct Stamp {
    std::chrono::nanoseconds awake{};
    std::chrono::nanoseconds wall{};
  };
  using Clock = std::function<Stamp()>;

  explicit LeaseBoard(LeaseTimes times = {}, Clock clock = system_stamp);

  /// The mailboxes that count from now on; what is known of the leases that did before stays.
  void expect(std::span<const MailboxSettings> mailboxes);
  /// `since`: what makes a lease ours (it was seen, or renewed) began then.
  void note(const std::string& mailbox, Tenure tenure, Stamp since);
  void note(const std::string& mailbox, Tenure tenure) { note(mailbox, tenure, clock_()); }
  [[nodiscard]] Says says() const;
  [[nodiscard]] Tenure tenure(const std::string& mailbox) const;
  /// Held, but not renewed for as long as a lease holds: another one may have it.
  [[nodiscard]] bool is_stale(const std::string& mailbox) const;
  /// Whether mails of that mailbox may become tickets, as far as this process knows.
  [[nodiscard]] bool may_file(const std::string& mailbox) const;
  /// Leases are asked for in one order, each when ours is the one before: two daemons that share several mailboxes
  /// would else each hold one and wait for the other.
  [[nodiscard]] bool may_claim(const std::string& mailbox) const;

  /// For a store that has none yet: LeaseRecord::holder.
  [[nodiscard]] const std::string& holder() const { return holder_; }
  /// Of lease mails that this process, or one before it in the same place, wrote.
  void note_token(const std::string& mailbox, const std::string& token) { tokens_[token] = mailbox; }
  /// For which mailbox that was; empty: none.
  [[nodiscard]] std::string writer_of(const std::string& token) const;
  /// LeaseWatch::met_copy, which outlives a reload.
  void note_copy(const std::string& mailbox);
  [[nodiscard]] bool met_copy(const std::string& mailbox) const;

  /// Called whenever `says` may say something else than before.
  void listen(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }
  [[nodiscard]] const LeaseTimes& times() const { return times_; }
  [[nodiscard]] Stamp now() const { return clock_(); }
  /// By the clock that says more.
  [[nodiscard]] std::chrono::nanoseconds age(Stamp stamp) const;
  [[nodiscard]] static Stamp system_stamp();

 private:
  struct Entry {
    std::string key;  ///< lease_key
    std::string mailbox;
    Tenure tenure = Tenure::unknown;
    Stamp since{};
    bool met_copy = false;
  };
  [[nodiscard]] const Entry* find(const std::string& mailbox) const;
  [[nodiscard]] bool is_stale(const Entry& entry) const;

  LeaseTimes times_;
  Clock clock_;
  std::string holder_;
  std::vector<Entry> entries_;                 ///< by key, which is the order of claims
  std::map<std::string, std::string> tokens_;  ///< and for which mailbox each is
  std::vector<std::function<void()>> listeners_;
};

/// Tells leases apart: two generations of settings mean the same lease when it is the same.
[[nodiscard]] std::string lease_key(const MailboxSettings& mailbox);

/// Those of the environment: TICKETD_LEASE_SECONDS is how long a lease holds (for tests), the other times follow.
[[nodiscard]] LeaseTimes lease_times();

}  // namespace ticketd
