#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
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
    wait,     ///< nobody knows yet, or no more: the process was stopped for longer than a lease holds
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

  /// The mailboxes that count from now on; what is known of those that did before stays.
  void expect(std::span<const MailboxSettings> mailboxes);
  /// Somebody has looked, or tried to.
  void note(const std::string& mailbox, Tenure tenure);
  [[nodiscard]] Says says() const;
  [[nodiscard]] Tenure tenure(const std::string& mailbox) const;
  /// Leases are asked for in one order, each when ours is the one before: two daemons that share several mailboxes
  /// would else each hold one and wait for the other.
  [[nodiscard]] bool may_claim(const std::string& mailbox) const;

  /// For a store that has none yet: LeaseRecord::holder.
  [[nodiscard]] const std::string& holder() const { return holder_; }
  /// Of lease mails that this process wrote, for whichever mailbox.
  void note_token(const std::string& token) { tokens_.insert(token); }
  [[nodiscard]] bool is_own(const std::string& token) const { return tokens_.contains(token); }
  /// LeaseWatch::met_copy, which outlives a reload.
  void note_copy(const std::string& mailbox) { copies_.insert(mailbox); }
  [[nodiscard]] bool met_copy(const std::string& mailbox) const { return copies_.contains(mailbox); }

  /// Called whenever `says` may say something else than before.
  void listen(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }
  [[nodiscard]] const LeaseTimes& times() const { return times_; }
  [[nodiscard]] static Stamp system_stamp();

 private:
  struct Entry {
    std::string key;  ///< the order of claims
    std::string mailbox;
    Tenure tenure = Tenure::unknown;
    Stamp looked_at{};
  };
  [[nodiscard]] bool is_stale(const Entry& entry) const;

  LeaseTimes times_;
  Clock clock_;
  std::string holder_;
  std::vector<Entry> entries_;  ///< by key
  std::set<std::string> tokens_, copies_;
  std::vector<std::function<void()>> listeners_;
};

/// Those of the environment: TICKETD_LEASE_SECONDS is how long a lease holds (for tests), the other times follow.
[[nodiscard]] LeaseTimes lease_times();

}  // namespace ticketd
