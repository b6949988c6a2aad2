#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/imap/lease_mail.h"

namespace ticketd {

/// How often a lease is renewed, and how long it holds without.
struct LeaseTimes {
  std::chrono::milliseconds refresh{120'000};
  std::chrono::milliseconds validity{360'000};
  /// So soon whoever hears of new mail at once (IDLE) renews it beside a new one.
  std::chrono::milliseconds answer{30'000};
  std::chrono::milliseconds first_verdict{30'000};  ///< so long the desk waits for a server at its start ...
  std::chrono::milliseconds old_verdict{600'000};   ///< ... or when it was off for longer than a lease holds
};
static_assert(LeaseTimes{}.refresh * 2 < LeaseTimes{}.validity,
              "who failed to renew a lease, and waits no longer than until it is due again, must come in time");

/// Decides from what is seen of the lease mails over time who works on the folder: of those that are alive, the one
/// whose mail has the lowest UID, which the server gave out one by one. A lease whose mark does not change while it is
/// watched for as long as a lease holds is silent. Only the observer's own clock counts, and only as long as it looks
/// often enough.
class LeaseWatch {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Verdict {
    enum class Kind { held, stand_by, lost };
    Kind kind = Kind::held;
    std::optional<LeaseMail> rival;  ///< alive or not known to be silent: in front of ours, else behind it
    bool is_copy = false;            ///< it works on a copy of this store
    std::vector<Uid> silent;         ///< whose writers are gone
  };

  /// `holder` and `former` are of this store: `former` the token that it wrote last, elsewhere (another machine, or
  /// this one before it was started anew). As long as that lease may be a living original's, ours waits; but not as
  /// long as for a stranger's.
  LeaseWatch(LeaseTimes times, std::string holder, std::string former)
      : times_(times), holder_(std::move(holder)), former_(std::move(former)) {}

  /// `mails` are all of this folder, ascending, without those of this very process for other mailboxes. `own`: our
  /// mail; nullopt: there is none, and whoever has one goes before us.
  Verdict look(std::span<const LeaseMail> mails, std::optional<Uid> own, SteadyTime now);
  /// A living daemon works on a copy of this store, or did: what that one sent can't be known here, so ours takes over
  /// from nobody any more. Stays so.
  [[nodiscard]] bool met_copy() const { return met_copy_; }
  /// The server tells of new mail at once: a living original answers when it sees ours, and need not be waited for
  /// longer.
  void expect_answers() { expects_answers_ = true; }
  /// When the next look is due.
  [[nodiscard]] std::chrono::milliseconds next_look() const;
  void note_copy() { met_copy_ = true; }

 private:
  struct Seen {
    unsigned mark = 0;
    SteadyTime since{};
    bool is_alive = false;  ///< its mark has changed while it was watched
  };
  void update(std::span<const LeaseMail> mails, SteadyTime now);
  [[nodiscard]] bool is_former(const LeaseMail& mail) const;
  [[nodiscard]] bool is_silent(const LeaseMail& mail, SteadyTime now) const;

  LeaseTimes times_;
  std::string holder_, former_;
  std::map<Uid, Seen> seen_;
  std::optional<SteadyTime> looked_at_;
  bool met_copy_ = false;
  bool expects_answers_ = false;
  bool awaits_former_ = false;  ///< by the latest look
};

}  // namespace ticketd
