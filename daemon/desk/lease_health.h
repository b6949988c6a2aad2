#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "rules/alarms.h"
#include "store/lease_record.h"
#include "store/store.h"

namespace ticketd {

/// Adds what the leases on mailboxes say that needs a person: another daemon works on one, or was started for it, or
/// nobody can tell. While this desk stands by, a mailbox without a good poll is no problem of its own. Where the
/// mailbox itself can't be had (a refused login, a server that is down), that nobody can tell is none.
void add_lease_problems(std::vector<Problem>& problems, const Settings& settings,
                        std::span<const MailboxHealth> mailboxes, std::span<const LeaseRecord> leases, Time now);

/// The names of those that are none only because the mailbox can't be had: nobody knows whether they are still there.
[[nodiscard]] std::vector<std::string> hidden_lease_problems(const Settings& settings,
                                                             std::span<const MailboxHealth> mailboxes,
                                                             std::span<const LeaseRecord> leases);

/// What admins were told of the hidden ones stands as it is: as problems, for decide_alarms.
void add_standing_problems(std::vector<Problem>& problems, std::span<const std::string> hidden,
                           std::span<const Alarm> alarms);

}  // namespace ticketd
