#pragma once

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
  std::string name;  ///< which one: of a mailbox, that of the problem that it becomes when it lasts (silence_of)
  std::string what;  ///< "mailbox support fails"
  std::string why;   ///< the latest error
  Time since{};      ///< for whoever watches
};

/// Mailboxes whose latest try failed, and mails that could not be sent yet. Their `since` is left open.
[[nodiscard]] std::vector<Hindrance> find_hindrances(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                                     const DeskCounts& counts);

/// The desk in one line, for `systemctl status`: what does not work now, whether or not it has lasted long enough to
/// tell somebody; then what needs a person. Problems with patience left may pass by themselves; those of a mailbox that
/// has not been asked yet are none (a failed try is a hindrance).
[[nodiscard]] std::string status_line(std::span<const Problem> problems, std::span<const Hindrance> hindrances,
                                      const Settings& settings, Time now);

}  // namespace ticketd
