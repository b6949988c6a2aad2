#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "rules/alarms.h"
#include "store/store.h"

namespace ticketd {

/// Something that fails at this moment and is tried again by itself: no problem yet, but the desk does not work as it
/// should either.
struct Hindrance {
  std::string name;                ///< of a mailbox: that of the problem that it becomes when it lasts (silence_of)
  std::string what;                ///< "mailbox support had no good poll"
  std::string why;                 ///< the latest error
  std::optional<Time> since = {};  ///< nullopt: nothing says
};

/// Mailboxes whose latest try failed, since their last good poll, and mails that could not be sent yet.
[[nodiscard]] std::vector<Hindrance> find_hindrances(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                                     const DeskCounts& counts);

/// A line for each that no lasting problem tells already.
[[nodiscard]] std::vector<std::string> hindrance_texts(std::span<const Problem> problems,
                                                       std::span<const Hindrance> hindrances, const Settings& settings,
                                                       Time now);

/// The desk in one line, for `systemctl status`: what does not work now, whether or not it has lasted long enough to
/// tell somebody; then what needs a person. Problems with patience left may pass by themselves; those of a mailbox that
/// has not been asked yet are none (a failed try is a hindrance).
[[nodiscard]] std::string status_line(std::span<const Problem> problems, std::span<const Hindrance> hindrances,
                                      const Settings& settings, Time now);

/// Keeps that line, and what it takes to tell since when something fails. Until a mailbox has failed in this process,
/// the error that the store has of it is one of an earlier process, and nothing of this line.
class DeskStatus {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  /// A try came to nothing.
  void note_failure(const std::string& mailbox) { failed_.insert(mailbox); }

  /// The desk works, and all of it was looked at.
  void works(std::span<const Problem> problems, std::vector<Hindrance> hindrances, const Settings& settings, Time now);
  /// It waits to learn whether others work on its mailboxes; only these were looked at.
  void waits(std::vector<Hindrance> hindrances, const Settings& settings, Time now);
  /// Another one works on a mailbox of it; only the leases were looked at.
  void stands_by(std::span<const Problem> problems, const Settings& settings, Time now);

 private:
  void forget_earlier_ones(std::vector<Hindrance>& hindrances, const Settings& settings) const;
  void date(std::vector<Hindrance>& hindrances, Time now);

  std::set<std::string> failed_;          ///< mailboxes
  std::map<std::string, Time> hindered_;  ///< by name, since when it has been there at the least
  bool stands_by_ = false;
  std::string text_ = "working";
};

}  // namespace ticketd
